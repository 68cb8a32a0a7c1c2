import { canonicalForm, canonicalForms } from './canonical.ts';
import { readDisks } from './disk.ts';
import { childElement, childElements, type ReadDocument, type ReadElement, readDefinition, selectText } from './xml.ts';

/**
 * Given the definition that was asked for and the one that libvirt then has, what differs of the things that matter to
 * a conversion: who the guest is, how it boots, and each of its disks. Empty where all is as asked.
 * Addresses that were left to libvirt may be anything; controllers may have been added or sorted.
 */
export function findDifferences(asked: string, actual: string): string[] {
  if (addsAddressesAlone(asked, actual)) return [];
  const [wanted, found] = [readDefinition(asked), readDefinition(actual)];
  return [...identityDifferences(wanted, found), ...bootDifferences(wanted, found), ...diskDifferences(wanted, found)];
}

/**
 * The definition that libvirt then has as the one that was asked for; or that one itself, where more differs than libvirt
 * changes of its own: somebody else has edited the guest since, which is still to be seen later on.
 */
export function asStored(asked: string, actual: string): string {
  if (addsAddressesAlone(asked, actual)) return actual;
  const [wanted, found] = [asked, actual].map((text) => canonicalForms(readDefinition(text), OTHERS));
  return wanted === found && findDifferences(asked, actual).length === 0 ? actual : asked;
}

/** All but the disks, and the PCI controllers that libvirt makes for them. */
const OTHERS = "/domain/*[not(self::devices)] | /domain/devices/*[not(self::disk or self::controller[@type='pci'])]";

/**
 * Whether libvirt has done nothing but add addresses on PCI, line by line: the usual case, which needs no parsing.
 * Within attributes it writes both kinds of quotes as references, so that it does not matter which kind is around them.
 */
function addsAddressesAlone(asked: string, actual: string): boolean {
  const [wanted, found] = [asked, actual].map((text) => text.trimEnd().replaceAll("'", '"').split('\n')) as [
    string[],
    string[],
  ];
  let at = 0;
  for (const line of found) {
    if (line === wanted[at]) at += 1;
    else if (!PCI_ADDRESS.test(line)) return false;
  }
  return at === wanted.length;
}

const PCI_ADDRESS = /^ *<address type="pci" [^<>]*\/>$/;

function identityDifferences(wanted: ReadDocument, found: ReadDocument): string[] {
  return ['name', 'uuid'].flatMap((name) => {
    const [asked, actual] = [selectText(wanted, `/domain/${name}`), selectText(found, `/domain/${name}`)];
    return asked === actual ? [] : [`its ${name} is '${actual}' instead of '${asked}'`];
  });
}

function bootDifferences(wanted: ReadDocument, found: ReadDocument): string[] {
  const boots = (definition: ReadDocument): string => canonicalForms(definition, '/domain/os/boot');
  return boots(wanted) === boots(found) ? [] : ['its boot devices are not those that were asked for'];
}

function diskDifferences(wanted: ReadDocument, found: ReadDocument): string[] {
  const actual = new Map(readDisks(found).map((disk) => [disk.target, disk]));
  const asked = readDisks(wanted);
  const differing = asked.flatMap(({ target, element }) => {
    const disk = actual.get(target);
    if (disk === undefined) return [`the disk '${target}' is missing`];
    return isAsAsked(element, disk.element) ? [] : [`the disk '${target}' is not as it was asked for`];
  });
  const extra = [...actual.keys()].filter((target) => asked.every((disk) => disk.target !== target));
  return [...differing, ...extra.map((target) => `there is a disk '${target}' that was not asked for`)];
}

/** Where no address was asked for, libvirt has made one; and it prints a disk's children in an order of its own. */
function isAsAsked(asked: ReadElement, actual: ReadElement): boolean {
  const mayGainAddress = childElement(asked, 'address') === undefined;
  return contentOf(asked) === contentOf(actual, mayGainAddress);
}

function contentOf(disk: ReadElement, withoutAddress = false): string {
  const children = childElements(disk).filter(({ nodeName }) => !(withoutAddress && nodeName === 'address'));
  const attributes = Array.from(disk.attributes).map(({ name, value }) => `${name}=${value}`);
  return JSON.stringify([attributes.sort(), children.map((child) => canonicalForm(child)).sort()]);
}
