import type { Refusal, Warning } from '../../domain/finding.ts';
import type { Verdict } from '../evidence.ts';
import type { Judgement } from '../judgement.ts';
import { shorten } from '../shorten.ts';
import type { KernelFacts, LinuxFacts } from './linux-facts.ts';
import type { NamedDisk } from './named-disk.ts';
import { type LinuxName, remedyFor } from './remedy.ts';

/**
 * Given what a Linux system would boot with, whether it finds its disks on virtio. The verdict is about the driver
 * alone; names of disks that change are refusals and warnings beside it.
 */
export function judgeLinux(facts: LinuxFacts, system: LinuxName): Judgement {
  const lacking = facts.kernels.filter((kernel) => missingModules(kernel).length > 0);
  const { verdict, summary } = judgeDriver(facts, lacking);
  const { namedDisks } = facts;
  const unread = facts.kernels.length === 0 ? [] : facts.unreadableNames;
  return {
    verdict,
    summary,
    facts: { system: shorten(system.prettyName), ...kernelFacts(facts) },
    ...(lacking[0] === undefined ? {} : { lack: describeRefusal(verdict, summary, remedyFor(system, lacking[0])) }),
    refusals: [
      ...someOf(namedDisks.filter(({ stopsBoot }) => stopsBoot)).map(nameRefusal),
      ...unread.map(unreadRefusal),
    ],
    warnings: someOf(namedDisks.filter(({ stopsBoot }) => !stopsBoot)).map(nameWarning),
  };
}

function judgeDriver(facts: LinuxFacts, lacking: readonly KernelFacts[]): { verdict: Verdict; summary: string } {
  const { kernels, isDefaultKnown, unreadable } = facts;
  const unread = someOf(unreadable)
    .map((reason) => shorten(reason))
    .join('; ');
  const [first] = kernels;
  if (first === undefined) return { verdict: 'unknown', summary: `What it boots could not be read (${unread}).` };
  const [lack] = lacking;
  if (lack !== undefined) {
    const isCertain = lacking.length === kernels.length && unreadable.length === 0;
    return { verdict: isCertain ? 'refuted' : 'unknown', summary: describeLack(lack) };
  }
  if (unreadable.length > 0) {
    return {
      verdict: 'unknown',
      summary: `Which kernel boots by default can't be told, and not all could be read (${unread}).`,
    };
  }
  if (isDefaultKnown)
    return { verdict: 'proven', summary: `Linux ${first.version}, which boots by default, ${hasDriver(first)}.` };
  const versions = [...new Set(kernels.map(({ version }) => version))].join(', ');
  return { verdict: 'proven', summary: `Every kernel that may boot (${versions}) has the driver.` };
}

function describeRefusal(verdict: Verdict, summary: string, hint: string): Refusal {
  return verdict === 'refuted'
    ? { code: 'driver-missing', message: `The guest would not find its disk: ${summary}`, hint }
    : { code: 'no-driver-evidence', message: `The guest may not find its disk: ${summary}`, hint };
}

function missingModules({ modules }: KernelFacts): string[] {
  return [...modules].filter(([, place]) => place === 'missing' || place === 'blocked').map(([name]) => name);
}

function describeLack(kernel: KernelFacts): string {
  const { version, modules, initramfs } = kernel;
  const missing = missingModules(kernel);
  const blocked = missing.filter((name) => modules.get(name) === 'blocked');
  if (blocked.length > 0) return `Linux ${version} is told not to load ${blocked.join(', ')}.`;
  return `Linux ${version} has ${missing.join(', ')} neither built in nor in ${shorten(initramfs) || 'an initramfs'}.`;
}

function hasDriver({ modules, initramfs }: KernelFacts): string {
  return [...modules.values()].every((place) => place === 'built in')
    ? 'has the virtio disk driver built in'
    : `finds the virtio disk driver in ${shorten(initramfs)}`;
}

function kernelFacts({ kernels, isDefaultKnown }: LinuxFacts): Record<string, string> {
  return Object.fromEntries(
    kernels.flatMap(({ version, initramfs, modules }) => [
      [
        `kernel ${version}`,
        `${isDefaultKnown ? 'boots by default' : 'may boot'}, initramfs ${shorten(initramfs) || 'none'}`,
      ],
      ...[...modules].map(([name, place]) => [`${name} (${version})`, place]),
    ]),
  );
}

function nameRefusal({ file, device, purpose, remedy }: NamedDisk): Refusal {
  return {
    code: 'device-names',
    message: `${shorten(file)} names ${shorten(purpose)} by '${shorten(device)}', which changes on virtio.`,
    hint:
      remedy ?? `Inside the guest, name it by UUID instead ('blkid ${shellSafe(device)}' shows it), then try again.`,
  };
}

function nameWarning({ file, device, purpose }: NamedDisk): Warning {
  return {
    code: 'device-names-harmless',
    message: `${shorten(file)} names ${shorten(purpose)} by '${shorten(device)}', which changes on virtio; the system boots all the same.`,
  };
}

function unreadRefusal(reason: string): Refusal {
  return {
    code: 'device-names',
    message: `Whether a disk needed to boot is named by a path that changes can't be told: ${shorten(reason)}.`,
    hint: 'Look at that file inside the guest; if it names disks by UUID, label or LVM only: --accept device-names --reason TEXT.',
  };
}

/** A command for people to copy never holds what a shell would take for its own. */
function shellSafe(device: string): string {
  return /^[\w/:.@+-]{1,100}$/.test(device) ? device : 'DEVICE';
}

const SHOWN = 20;

/** A guest's files may be of any length; twenty findings of a kind say enough. */
function someOf<T>(all: readonly T[]): readonly T[] {
  return all.slice(0, SHOWN);
}
