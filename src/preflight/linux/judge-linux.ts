import type { Refusal, Warning } from '../../domain/finding.ts';
import type { Evidence, Verdict } from '../evidence.ts';
import type { NamedDisk } from './device-names.ts';
import type { KernelFacts, LinuxFacts } from './linux-facts.ts';

/** What the rules say of a Linux system; the source that read it makes it evidence. */
export interface LinuxJudgement {
  readonly verdict: Verdict;
  readonly summary: string;
  readonly facts: Evidence['facts'];
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

/**
 * Given what a Linux system would boot with, whether it finds its disks on virtio. The verdict is about the driver
 * alone; names of disks that change are refusals and warnings beside it.
 */
export function judgeLinux(facts: LinuxFacts, system: LinuxName): LinuxJudgement {
  const lacking = facts.kernels.filter((kernel) => missingModules(kernel).length > 0);
  const { verdict, summary } = judgeDriver(facts, lacking);
  const remedy = lacking[0] === undefined ? {} : { remedy: remedyFor(system, lacking[0]) };
  return {
    verdict,
    summary,
    facts: { system: system.prettyName, ...kernelFacts(facts), ...remedy },
    refusals: facts.namedDisks.filter(({ stopsBoot }) => stopsBoot).map(nameRefusal),
    warnings: facts.namedDisks.filter(({ stopsBoot }) => !stopsBoot).map(nameWarning),
  };
}

/** How a system calls itself: `ID` and `PRETTY_NAME` of os-release. */
export interface LinuxName {
  readonly id: string;
  readonly prettyName: string;
}

function judgeDriver(facts: LinuxFacts, lacking: readonly KernelFacts[]): { verdict: Verdict; summary: string } {
  const { kernels, isDefaultKnown, unreadable } = facts;
  const [first] = kernels;
  if (first === undefined)
    return { verdict: 'unknown', summary: `What it boots could not be read (${unreadable.join('; ')}).` };
  if (lacking[0] !== undefined) {
    const missing = missingModules(lacking[0]).join(', ');
    const summary = `Linux ${lacking[0].version} has ${missing} neither built in nor in ${lacking[0].initramfs || 'an initramfs'}.`;
    return { verdict: lacking.length === kernels.length ? 'refuted' : 'unknown', summary };
  }
  if (isDefaultKnown)
    return { verdict: 'proven', summary: `Linux ${first.version}, which boots by default, ${hasDriver(first)}.` };
  if (unreadable.length > 0) {
    return {
      verdict: 'unknown',
      summary: `Which kernel boots by default can't be told, and not all could be read (${unreadable.join('; ')}).`,
    };
  }
  return {
    verdict: 'proven',
    summary: `Every kernel that can boot (${kernels.map(({ version }) => version).join(', ')}) has the driver.`,
  };
}

function missingModules({ modules }: KernelFacts): string[] {
  return [...modules].filter(([, place]) => place === 'missing').map(([name]) => name);
}

function hasDriver({ modules, initramfs }: KernelFacts): string {
  return [...modules.values()].every((place) => place === 'built in')
    ? 'has the virtio disk driver built in'
    : `finds the virtio disk driver in ${initramfs}`;
}

function kernelFacts({ kernels, isDefaultKnown }: LinuxFacts): Record<string, string> {
  return Object.fromEntries(
    kernels.flatMap(({ version, initramfs, modules }) => [
      [`kernel ${version}`, `${isDefaultKnown ? 'boots by default' : 'may boot'}, initramfs ${initramfs || 'none'}`],
      ...[...modules].map(([name, place]) => [`${name} (${version})`, place]),
    ]),
  );
}

function nameRefusal({ file, device, purpose }: NamedDisk): Refusal {
  return {
    code: 'device-names',
    message: `${file} names ${shorten(purpose)} by '${shorten(device)}', which is gone on virtio.`,
    hint: `Inside the guest, name it by UUID instead ('blkid ${shorten(device)}' shows it), then try again.`,
  };
}

function nameWarning({ file, device, purpose }: NamedDisk): Warning {
  return {
    code: 'device-names-harmless',
    message: `${file} names ${shorten(purpose)} by '${shorten(device)}', which is gone on virtio; the system boots all the same.`,
  };
}

/** Lines of a guest's files may be of any length. */
function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

/** The command that puts the driver into the initramfs, by the kind of system. */
function remedyFor({ id }: LinuxName, { version }: KernelFacts): string {
  if (/^(?:debian|ubuntu|linuxmint|devuan|raspbian|kali)/.test(id)) {
    return "Inside the guest: printf 'virtio_blk\\nvirtio_pci\\n' >> /etc/initramfs-tools/modules && update-initramfs -u -k all";
  }
  if (/^arch|manjaro/.test(id))
    return 'Inside the guest: add virtio_blk and virtio_pci to MODULES in /etc/mkinitcpio.conf, then mkinitcpio -P';
  if (/^alpine/.test(id))
    return 'Inside the guest: add virtio to features in /etc/mkinitfs/mkinitfs.conf, then mkinitfs';
  return `Inside the guest: dracut --force --add-drivers 'virtio_blk virtio_pci' --kver ${shorten(version)}`;
}
