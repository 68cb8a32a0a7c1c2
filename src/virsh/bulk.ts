import { randomBytes } from 'node:crypto';
import type { GuestId } from './guests.ts';
import { quoteCommand } from './quote.ts';
import { startBulk } from './virsh-process.ts';

const TIMEOUT_MS = 60_000;

/** In which virsh prints about as much as a pipe holds. */
const GATHER_MS = 5;

/** Far above any definition. */
const MAX_DEFINITION_CHARACTERS = 16 * 1024 * 1024;

/** Each waits for libvirt's answers half of its time. */
const SIDE_BY_SIDE = 2;

type Definitions = ReadonlyMap<string, Promise<string | undefined>>;

/**
 * Dump the persistent definitions of many guests with a few virsh of their own, each of which is ten times as fast as one
 * question after the other.
 * @returns of each guest, by UUID: its definition to the letter, or undefined where it is to be asked for by itself, which
 * tells why it could not be had.
 */
export function dumpInBulk(
  uri: string,
  guests: readonly GuestId[],
  options: { readonly secrets: boolean },
): Definitions {
  const shares = Array.from({ length: SIDE_BY_SIDE }, (_, n) => guests.filter((_guest, at) => at % SIDE_BY_SIDE === n));
  return new Map(shares.flatMap((share) => [...dumpOneByOne(uri, share, options)]));
}

function dumpOneByOne(
  uri: string,
  guests: readonly GuestId[],
  { secrets }: { readonly secrets: boolean },
): Definitions {
  const mark = `end-${randomBytes(9).toString('hex')}`;
  const dump = quoteCommand(['dumpxml', '--inactive', ...(secrets ? ['--security-info'] : [])]);
  const commands = guests.map(({ uuid }) => `${dump} ${quoteCommand([uuid])}; echo ${mark}`);
  const virsh = startBulk(uri, commands.join('; '), TIMEOUT_MS);
  const awaited: ((output: string) => void)[] = [];
  const definitions = new Map(
    guests.map(({ uuid }) => [
      uuid,
      new Promise<string>((resolve) => awaited.push(resolve)).then((output) => definitionIn(output, uuid)),
    ]),
  );
  let unread = '';
  virsh.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    unread += chunk;
    const complete = unread.split(mark);
    unread = complete.pop() ?? '';
    for (const text of complete) awaited.shift()?.(text);
    if (unread.length > MAX_DEFINITION_CHARACTERS) virsh.kill('SIGKILL');
    // virsh prints in small pieces, and to be woken for each costs more than to read it
    virsh.stdout.pause();
    setTimeout(() => virsh.stdout.resume(), GATHER_MS);
  });
  void virsh.finally(() => {
    for (const resolve of awaited.splice(0)) resolve('');
  });
  return definitions;
}

function definitionIn(output: string, uuid: string): string | undefined {
  const text = output.trimStart();
  return text.startsWith('<domain') && text.includes(`<uuid>${uuid}</uuid>`) ? `${text.trimEnd()}\n` : undefined;
}
