import type { Refusal } from '../../domain/finding.ts';
import { tryCommandLine } from '../../virsh/command-line.ts';
import type { Session } from '../../virsh/session.ts';
import { withPrivateFile } from '../private-file.ts';
import { couldNotStart, type Side, startRefusal } from './start-refusal.ts';

/**
 * What libvirt says about starting QEMU with a definition: an emulator or a machine type that is not there any more, and
 * whatever else it says to the new definition alone. Where it can't judge the old one, which ran, the new one is not
 * judged by the rest either: some devices only work in a real start.
 */
export async function findCommandLineProblems(
  session: Session,
  { name, before, after }: { readonly name: string; readonly before: string; readonly after: string },
): Promise<Refusal[]> {
  const ask = (definition: string): Promise<readonly string[]> =>
    withPrivateFile(definition, (file) => tryCommandLine(session, file));
  const old = await ask(before);
  const next = after === before ? old : await ask(after);
  const oldProblems = old.filter(isAboutEmulator);
  const newProblems = old.length === 0 ? next : next.filter(isAboutEmulator);
  return [...new Set([...oldProblems, ...newProblems])].map((problem) =>
    commandLineRefusal(name, problem, sideOf(oldProblems.includes(problem), newProblems.includes(problem))),
  );
}

/** These hold for a real start as well (virQEMUCapsCacheLookup, qemuValidateDomainDef, virDomainDefPostParse). */
function isAboutEmulator(error: string): boolean {
  return /Emulator '.*' does not support|Cannot check QEMU binary|unable to find any emulator/i.test(error);
}

function sideOf(inOld: boolean, inNew: boolean): Side {
  if (inOld && inNew) return 'both';
  return inOld ? 'old' : 'new';
}

function commandLineRefusal(name: string, problem: string, side: Side): Refusal {
  const hint = isAboutEmulator(problem)
    ? `Bring the QEMU back that the guest was made for, or choose what this one has (virsh domcapabilities) with virsh edit ${name}.`
    : 'Leave the guest as it is, or convert fewer of its disks at a time with --from.';
  return startRefusal(`libvirt says: ${problem}; ${couldNotStart(side)}.`, hint);
}
