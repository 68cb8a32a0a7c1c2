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
}

export function createByteReader(source: AsyncIterable<Buffer>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.alloc(0);
  let ended = false;

  const fill = async (length: number): Promise<void> => {
    const parts = [buffered];
    let total = buffered.length;
    while (total < length && !ended) {
      const { value, done } = await chunks.next();
      if (done) ended = true;
      else {
        parts.push(value);
        total += value.length;
      }
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
        const taken = await reader.take(Math.min(left, 65_536));
        if (taken.length === 0) return;
        left -= taken.length;
      }
    },
    async *rest() {
      if (buffered.length > 0) yield buffered;
      buffered = Buffer.alloc(0);
      while (!ended) {
        const { value, done } = await chunks.next();
        if (done) ended = true;
        else yield value;
      }
    },
  };
  return reader;
}
