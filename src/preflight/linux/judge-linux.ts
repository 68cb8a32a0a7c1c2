import type { Refusal } from '../../domain/finding.ts';
import type { Verdict } from '../evidence.ts';
import type { VolumeIdentity } from '../guest-files.ts';
import type { Judgement } from '../judgement.ts';
import { shorten } from '../shorten.ts';
import { nameRefusal, nameWarning, shownNames, someOf, unreadRefusal } from './judge-names.ts';
import type { KernelFacts, LinuxFacts, ModulePlace } from './linux-facts.ts';
import { type LinuxName, remedyFor } from './remedy.ts';

/**
 * Given what a Linux system would boot with, whether it finds its disks on virtio. The verdict is about the driver
 * alone; names of disks that change are refusals and warnings beside it.
 * @param volumes what the named disks are called on whatever controller, for the remedies.
 */
export function judgeLinux(
  facts: LinuxFacts,
  system: LinuxName,
  volumes: ReadonlyMap<string, VolumeIdentity> = new Map(),
): Judgement {
  const lacking = facts.kernels.filter((kernel) => missingModules(kernel).length > 0);
  const { verdict, summary } = judgeDriver(facts, lacking);
  const { fatal, harmless } = shownNames(facts.namedDisks);
  const maker = facts.kernels.find((kernel) => kernel.maker !== undefined)?.maker;
  const isBare = facts.kernels.some(({ initramfs }) => initramfs === '');
  const context = { system, maker, isBare, volumes };
  const unread = facts.kernels.length === 0 ? [] : facts.unreadableNames;
  return {
    verdict,
    summary,
    facts: { system: shorten(system.prettyName), ...kernelFacts(facts) },
    ...(lacking[0] === undefined ? {} : { lack: describeRefusal(verdict, summary, remedyFor(system, lacking[0])) }),
    refusals: [...fatal.map((named) => nameRefusal(named, context)), ...unread.map(unreadRefusal)],
    warnings: harmless.map((named) => nameWarning(named, context)),
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

const LACKING: ReadonlySet<ModulePlace> = new Set(['missing', 'not built', 'blocked', 'too old']);

function missingModules({ modules }: KernelFacts): string[] {
  return [...modules].filter(([, place]) => LACKING.has(place)).map(([name]) => name);
}

function describeLack(kernel: KernelFacts): string {
  const { version, modules, initramfs } = kernel;
  const missing = missingModules(kernel);
  const blocked = missing.filter((name) => modules.get(name) === 'blocked');
  if (blocked.length > 0) return `Linux ${version} is told not to load ${blocked.join(', ')}.`;
  if ([...modules.values()].includes('too old'))
    return `Linux ${version} drives virtio disks of the old kind alone, and this machine type has new ones.`;
  const notBuilt = missing.filter((name) => modules.get(name) === 'not built');
  if (notBuilt.length > 0) return `Linux ${version} comes without ${notBuilt.join(', ')}.`;
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
