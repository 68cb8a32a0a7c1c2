import type { Firmware } from '../../domain/firmware.ts';
import type { GuestFiles } from '../guest-files.ts';
import type { Judgement } from '../judgement.ts';
import { judgeLinux } from './judge-linux.ts';
import { argumentsNamingDisks } from './kernel-arguments.ts';
import type { LinuxFacts } from './linux-facts.ts';
import { readLinux, readNames } from './read-linux.ts';
import type { LinuxName } from './remedy.ts';

/** What is known of a Linux guest before its files are read. */
export interface LinuxGuest {
  readonly system: LinuxName;
  readonly firmware: Firmware;
}

/**
 * Whether a Linux system would boot from virtio, by its files: every rule there is, wherever the files are read from.
 * Never throws for what the guest has.
 */
export async function examineLinux(files: GuestFiles, { system, firmware }: LinuxGuest): Promise<Judgement> {
  const facts = firmware.kind === 'host kernel' ? await readBesides(files, firmware) : await readLinux(files);
  return judgeLinux(facts, system);
}

/** Where the host hands it a kernel, the guest's own does not boot; what its other files name counts all the same. */
async function readBesides(
  files: GuestFiles,
  { path, cmdline }: { readonly path: string; readonly cmdline: string },
): Promise<LinuxFacts> {
  const names = await readNames(files);
  const namedDisks = [...names.namedDisks, ...argumentsNamingDisks(cmdline, "the definition's <cmdline>")];
  const unreadable = [`it boots ${path}, a kernel of the host's`];
  return { ...names, namedDisks, kernels: [], isDefaultKnown: false, unreadable };
}
