import { randomBytes } from 'node:crypto';
import type { GuestId } from './guests.ts';
import { quoteCommand } from './quote.ts';
import { startBulk } from './virsh-process.ts';

const TIMEOUT_MS = 60_000;

/** Definitions from one mark to the next: to print a mark takes virsh a tenth of what a definition does. */
const BATCH = 16;

/** Far above any batch. */
const MAX_BATCH_CHARACTERS = 16 * 1024 * 1024;

/** Each waits for libvirt's answers half of its time. */
const SIDE_BY_SIDE = 2;

type Definitions = ReadonlyMap<string, Promise<string | undefined>>;

/**
 * Dump the persistent definitions of many guests with a few virsh of their own, each of which is ten times as fast as one
 * question after the other.
 * @returns of each guest, by UUID: its definition to the letter, or undefined where it is to be asked for by itself: it
 * could not be had, or something is odd about one that was dumped beside it.
 */
export function dumpInBulk(
  uri: string,
  guests: readonly GuestId[],
  options: { readonly secrets: boolean },
): Definitions {
  const shares = Array.from({ length: SIDE_BY_SIDE }, (_, n) => guests.filter((_guest, at) => at % SIDE_BY_SIDE === n));
  return new Map(shares.flatMap((share) => [...dumpShare(uri, share, options)]));
}

function dumpShare(uri: string, guests: readonly GuestId[], { secrets }: { readonly secrets: boolean }): Definitions {
  const mark = `end-${randomBytes(9).toString('hex')}`;
  const dump = quoteCommand(['dumpxml', '--inactive', ...(secrets ? ['--security-info'] : [])]);
  const batches = inBatches(guests);
  const commands = batches.flatMap((batch) => [
    ...batch.map(({ uuid }) => `${dump} ${quoteCommand([uuid])}`),
    `echo ${mark}`,
  ]);
  const virsh = startBulk(uri, commands.join('; '), TIMEOUT_MS);
  const awaited: ((output: string) => void)[] = [];
  const definitions = new Map(
    batches.flatMap((batch) => {
      const texts = new Promise<string>((resolve) => awaited.push(resolve)).then((output) =>
        definitionsIn(output, batch),
      );
      return batch.map(({ uuid }, position) => [uuid, texts.then((all) => all?.[position])] as const);
    }),
  );
  let unread = '';
  virsh.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    unread += chunk;
    const complete = unread.split(mark);
    unread = complete.pop() ?? '';
    for (const text of complete) awaited.shift()?.(text);
    if (unread.length > MAX_BATCH_CHARACTERS) virsh.kill('SIGKILL');
  });
  void virsh.finally(() => {
    for (const resolve of awaited.splice(0)) resolve('');
  });
  return definitions;
}

function inBatches(guests: readonly GuestId[]): GuestId[][] {
  const count = Math.ceil(guests.length / BATCH);
  return Array.from({ length: count }, (_, number) => guests.slice(number * BATCH, (number + 1) * BATCH));
}

const START = '<domain';
const END = '\n</domain>\n';

/**
 * The definitions of a batch, or undefined where it is not certain which is which. Metadata can hold what looks like the
 * end of one and the start of another: as text, but only in CDATA or a comment, or as elements of its own.
 */
function definitionsIn(output: string, batch: readonly GuestId[]): string[] | undefined {
  const texts = output.split(END).map((text) => `${text.trimStart()}${END}`);
  const isCertain =
    !output.includes('<!') &&
    texts.pop() === END &&
    texts.length === batch.length &&
    batch.every(({ uuid }, position) => isDefinitionOf(texts[position] ?? '', uuid));
  return isCertain ? texts : undefined;
}

function isDefinitionOf(text: string, uuid: string): boolean {
  return text.lastIndexOf(START) === 0 && text.includes(`<uuid>${uuid}</uuid>`);
}
