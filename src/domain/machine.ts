import { childElements, type ReadDocument, selectElements, selectText } from './xml.ts';

/** Machine types on which libvirt finds a place for a virtio disk: PCI, or ccw on s390x. */
const SERVED_MACHINES = [/^pc(-|$)/, /^rhel6\./, /^q35$/, /^virt(-|$)/, /^pseries(-|$)/, /^s390-ccw(-|$)/];

/** libvirt's test driver (`test:///`) stands in for real hypervisors, so its guests are served as theirs are. */
const SERVED_TYPES = new Set(['kvm', 'qemu', 'test']);

/** Why a guest of this definition can't have virtio disks at all, or undefined. */
export function machineProblem(definition: ReadDocument): string | undefined {
  const type = selectText(definition, '/domain/@type') ?? '';
  if (!SERVED_TYPES.has(type)) return `a guest of type '${type}' is neither kvm nor qemu`;
  if (selectElements(definition, '/domain/launchSecurity').length > 0) {
    return 'confidential guests (<launchSecurity>) need an IOMMU setting on virtio disks that virtioize does not make';
  }
  const machine = machineType(definition);
  if (machine !== undefined && type !== 'test' && !SERVED_MACHINES.some((served) => served.test(machine))) {
    return `the machine type '${machine}' is not known to take virtio disks on PCI or ccw`;
  }
  return undefined;
}

function machineType(definition: ReadDocument): string | undefined {
  return selectText(definition, '/domain/os/type/@machine');
}

/** Distribution names for machine types of QEMU 3.1 and before. */
const OLD_MACHINE =
  /^(?:rhel6\.|pc-(?:i440fx-|q35-)(?:rhel[0-7]\.|trusty|utopic|vivid|wily|xenial|yakkety|zesty|artful|bionic|cosmic|disco))/;

/** Whether virtio disks of this machine type ignore TRIM: QEMU's machines of 3.1 and before. */
export function losesTrim(definition: ReadDocument): boolean {
  const machine = machineType(definition) ?? '';
  if (OLD_MACHINE.test(machine)) return true;
  const version = /^(?:pc-(?:i440fx-|q35-)?|virt-|pseries-|s390-ccw-virtio-)(\d+)\.(\d+)$/.exec(machine);
  if (version === null) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major < 3 || (major === 3 && minor <= 1);
}

/** The managers that own a guest's definition and write it anew, by their metadata's namespace. */
const MANAGERS: readonly (readonly [RegExp, string])[] = [
  [/^http:\/\/openstack\.org\/xmlns\/libvirt\/nova\//, 'OpenStack'],
  [/^http:\/\/ovirt\.org\/vm\//, 'oVirt'],
  [/^http:\/\/kubevirt\.io/, 'KubeVirt'],
];

/** The name of the manager that owns this guest's definition, or undefined. */
export function definitionManager(definition: ReadDocument): string | undefined {
  const namespaces = selectElements(definition, '/domain/metadata')
    .flatMap((metadata) => childElements(metadata))
    .map(({ namespaceURI }) => namespaceURI ?? '');
  return MANAGERS.find(([pattern]) => namespaces.some((namespace) => pattern.test(namespace)))?.[1];
}
