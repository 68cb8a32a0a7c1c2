/** Bytes of a stream, taken from the front. */
export interface ByteReader {
  /** The next bytes without taking them; fewer at the end. */
  peek(length: number): Promise<Buffer>;
  /** The next bytes; fewer at the end. */
  take(length: number): Promise<Buffer>;
  /** Pass over bytes without keeping them. */
  skip(length: number): Promise<void>;
  /** All that is left, chunk by chunk. */
  rest(): AsyncGenerator<Buffer>;
  /** Let go of the stream, whatever is left of it. */
  close(): Promise<void>;
}

const SKIP_BYTES = 64 * 1024;

export function createByteReader(source: AsyncIterable<Buffer>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.alloc(0);

  const next = async (): Promise<Buffer | undefined> => {
    const { value, done } = await chunks.next();
    return done === true ? undefined : value;
  };
  const fill = async (length: number): Promise<void> => {
    const parts = [buffered];
    let total = buffered.length;
    while (total < length) {
      const chunk = await next();
      if (chunk === undefined) break;
      parts.push(chunk);
      total += chunk.length;
    }
    if (parts.length > 1) buffered = Buffer.concat(parts);
  };
  const reader: ByteReader = {
    async peek(length) {
      if (buffered.length < length) await fill(length);
      return buffered.subarray(0, length);
    },
    async take(length) {
      const taken = await reader.peek(length);
      buffered = buffered.subarray(taken.length);
      return taken;
    },
    async skip(length) {
      let left = length;
      while (left > 0) {
        const taken = await reader.take(Math.min(left, Math.max(buffered.length, SKIP_BYTES)));
        if (taken.length === 0) return;
        left -= taken.length;
      }
    },
    async *rest() {
      if (buffered.length > 0) yield buffered;
      buffered = Buffer.alloc(0);
      for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk;
    },
    async close() {
      await chunks.return?.();
    },
  };
  return reader;
}
