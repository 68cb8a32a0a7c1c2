import { UnreadableError } from '../guest-files.ts';
import { shorten } from '../shorten.ts';
import type { Circumstances } from './circumstances.ts';
import { type DriverDecision, decideRefuted, decideUnknown } from './driver-decision.ts';
import { judgeStart, lackCode } from './judge-service.ts';
import { judgeServices } from './judge-services.ts';
import { faultHint, installHint, MOVE_TO_PC_HINT } from './remedies.ts';
import type { Binding, WindowsFacts } from './windows-facts.ts';
import { isBeforeVista, type WindowsVersion } from './windows-version.ts';

/** Whether a Windows system finds its disks on virtio, under the id that this machine will show them with. */
export function judgeDriver(facts: WindowsFacts, circumstances: Circumstances): DriverDecision {
  const { version, bindings, enumerated } = facts;
  const { diskId } = circumstances;
  if (version instanceof UnreadableError)
    return decideUnknown(`Which Windows it is could not be read (${shorten(version.message)}).`);
  if (diskId === undefined)
    return decideUnknown('Its machine type does not tell under which PCI id it would see a virtio disk.');
  if (isBeforeVista(version) && diskId === '1042') {
    const summary = `Drivers for ${version.product} know virtio disks of id 1001 only; this machine shows them as 1042.`;
    return decideRefuted(summary, 'unsupported-machine', MOVE_TO_PC_HINT);
  }
  if (bindings instanceof UnreadableError)
    return decideUnknown(`Which driver it has for a virtio disk could not be read (${shorten(bindings.message)}).`);
  const names = new Set(bindings.flatMap(({ id, service }) => (id === diskId ? [service?.toLowerCase()] : [])));
  names.delete(undefined);
  if (names.size === 0) return decideUnbound(bindings, version, circumstances);
  const services = facts.services.filter(({ name }) => names.has(name.toLowerCase()));
  return (
    judgeBus(facts, version, circumstances) ??
    judgeServices(services, { ...circumstances, diskId, version, enumerated })
  );
}

/** C fails: nothing starts for a virtio disk of this id. */
function decideUnbound(
  bindings: readonly Binding[],
  version: WindowsVersion,
  { diskId, guest }: Circumstances,
): DriverDecision {
  const other = bindings.find(({ id, service }) => id !== diskId && service !== undefined);
  const broken = bindings.find(({ id }) => id === diskId);
  const summary =
    other !== undefined
      ? `Its driver '${shorten(other.service ?? '')}' knows virtio disks of id ${other.id} only; this machine shows them as ${diskId}.`
      : broken !== undefined
        ? `Its registry names ${shorten(broken.origin)} for virtio disks of id ${diskId}, but that leads to no driver.`
        : `Its registry has no driver for virtio disks of id ${diskId}.`;
  return decideRefuted(summary, 'driver-missing', installHint(version, guest));
}

/** The driver of the PCI bus is in every Windows; where it does not start at boot, no disk on it is met. */
function judgeBus(
  { bus }: WindowsFacts,
  version: WindowsVersion,
  { guest }: Circumstances,
): DriverDecision | undefined {
  if (bus === undefined) return undefined;
  if (bus instanceof UnreadableError)
    return decideUnknown(`The driver of its PCI bus could not be read (${shorten(bus.message)}).`);
  const judgement = judgeStart(bus);
  if (judgement?.fault === undefined) return undefined;
  const summary = `The driver of its PCI bus ('pci') ${judgement.reason}.`;
  return decideRefuted(summary, lackCode(judgement.fault), faultHint(judgement.fault, 'pci', { version, guest }));
}
