import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { until } from '../until.ts';
import type { EmbeddedRoot } from './embedded-root.ts';

/** A block device as the guest sees it; `name` as in its /sys/block, `mounts` of the device and its partitions. */
export interface SeenDisk {
  name: string;
  sectors: number;
  mounts: string[];
}

/** How a boot ended; `endOffset` is where the log stood then, for waiting for the next boot in the same log. */
export type BootOutcome =
  | { booted: true; disks: SeenDisk[]; mountPoints: string[]; endOffset: number }
  | { booted: false; endOffset: number };

/**
 * Wait until a test guest has booted or found no root or no boot loader, by what it wrote to its serial log from `fromOffset` on.
 *
 * A start empties the log, so that after `start` no offset is needed. A reboot within the same QEMU goes on writing: pass the
 * `endOffset` of the boot before. A log shorter than the offset was emptied, and is read from its beginning. Throws with the
 * end of the log where neither happens within the time.
 */
export async function waitForBoot(serialLog: string, timeoutMs: number, fromOffset = 0): Promise<BootOutcome> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const log = await readFile(serialLog).catch(() => Buffer.alloc(0)); // QEMU makes it when it starts
    const start = fromOffset <= log.length ? fromOffset : 0;
    const outcome = parseBoot(log.toString('latin1', start), start);
    if (outcome) return outcome;
    if (Date.now() > deadline)
      throw new Error(`no boot within ${timeoutMs} ms; ${serialLog} ends: ${log.toString('latin1').slice(-500)}`);
    await setTimeout(100);
  }
}

/** How all boots in a serial log ended so far, where it is kept from one start to the next. */
export async function readBoots(serialLog: string): Promise<BootOutcome[]> {
  const text = (await readFile(serialLog)).toString('latin1');
  const boots: BootOutcome[] = [];
  for (let offset = 0; ; ) {
    const outcome = parseBoot(text.slice(offset), offset);
    if (!outcome) return boots;
    boots.push(outcome);
    offset = outcome.endOffset;
  }
}

/** Press the power button of a guest that has booted, and wait until it is off. Throws where it is not within the time. */
export async function shutDownGuest(root: EmbeddedRoot, name: string, timeoutMs = 30_000): Promise<void> {
  await root.virsh(['shutdown', name, '--mode', 'acpi']);
  const isOff = async (): Promise<boolean> => (await root.virsh(['domstate', name])) === 'shut off';
  await until(`${name} is shut off`, isOff, { timeoutMs, everyMs: 200 });
}

/** The firmware's ones are OVMF's, where nothing is left to boot from. */
const ENDING =
  /^[^\n]*(TESTBED booted|ROOT NOT FOUND|BdsDxe: No bootable option|UEFI Interactive Shell|Kernel panic)[^\n]*\n/m;

function parseBoot(text: string, offset: number): BootOutcome | undefined {
  const ending = ENDING.exec(text);
  if (!ending) return undefined;
  const endOffset = offset + ending.index + ending[0].length;
  if (ending[1] !== 'TESTBED booted') return { booted: false, endOffset };
  const lines = text.slice(0, ending.index).matchAll(/TESTBED disk (\S+) size=(\d+) mounts=(\S*)/g);
  const disks = [...lines].map(([, name = '', sectors, mounts = '']) => ({
    name,
    sectors: Number(sectors),
    mounts: splitList(mounts),
  }));
  const mounted = /TESTBED mounted (\S*)/.exec(text.slice(0, ending.index))?.[1] ?? '';
  return { booted: true, disks, mountPoints: splitList(mounted), endOffset };
}

function splitList(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}
