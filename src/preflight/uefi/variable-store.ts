import { UnreadableError } from '../guest-files.ts';
import { type FirmwareEntry, GLOBAL_VENDOR, readFirmwareEntries } from './firmware-entries.ts';
import { formatGuid } from './load-option.ts';

/** The kinds of stores, by the GUID in their head, with the length of a variable's head (edk2, VariableFormat.h). */
const STORES: ReadonlyMap<string, number> = new Map([
  ['aaf32c78-947b-439a-a180-2e144ec37792', 60], // with authenticated variables, for Secure Boot
  ['ddcf3616-3275-4164-98b6-fe85707ffe7d', 32],
]);

/** More than any virtual flash has. */
const MAX_BYTES = 64 * 1024 * 1024;
const STORE_HEAD_BYTES = 28;
const VARIABLE_START = 0x55aa;
/** A variable's state: there, or about to be replaced, which counts as long as its successor is not there. */
const [ADDED, IN_DELETED_TRANSITION] = [0x3f, 0x3e];

/**
 * The boot entries in the flash of a guest's firmware (OVMF, AAVMF): the file that `<nvram>` names.
 * @throws UnreadableError where it is none that is known.
 */
export async function readVariableStore(content: Buffer): Promise<FirmwareEntry[]> {
  if (content.length > MAX_BYTES) throw new UnreadableError('the UEFI variables are larger than any flash');
  const variables = readGlobals(findStore(content));
  return readFirmwareEntries((name) => variables.get(name));
}

interface Store {
  readonly variables: Buffer;
  readonly headBytes: number;
}

/** The variable store inside a firmware volume (UEFI PI specification, EFI_FIRMWARE_VOLUME_HEADER). */
function findStore(content: Buffer): Store {
  const isVolume = content.length >= 56 && content.toString('latin1', 40, 44) === '_FVH';
  const start = isVolume ? content.readUInt16LE(48) : content.length;
  if (start + STORE_HEAD_BYTES > content.length)
    throw new UnreadableError('the UEFI variables are in no firmware volume');
  const headBytes = STORES.get(formatGuid(content.subarray(start, start + 16)));
  if (headBytes === undefined) throw new UnreadableError('the UEFI variables are in a store of an unknown kind');
  const end = Math.min(start + content.readUInt32LE(start + 16), content.length);
  return { variables: content.subarray(start + STORE_HEAD_BYTES, end), headBytes };
}

/** The variables of the UEFI specification's own vendor, by name. */
function readGlobals({ variables, headBytes }: Store): Map<string, Buffer> {
  const globals = new Map<string, Buffer>();
  const replaced = new Map<string, Buffer>();
  for (let offset = 0; offset + headBytes <= variables.length; ) {
    if (variables.readUInt16LE(offset) !== VARIABLE_START) break;
    const state = variables[offset + 2];
    const lengths = offset + headBytes - 24; // the lengths of name and data, and the vendor, end every head
    const nameBytes = variables.readUInt32LE(lengths);
    const dataBytes = variables.readUInt32LE(lengths + 4);
    const nameStart = offset + headBytes;
    const dataStart = nameStart + nameBytes;
    const dataEnd = dataStart + dataBytes;
    if (dataEnd > variables.length) break;
    if (formatGuid(variables.subarray(lengths + 8, lengths + 24)) === GLOBAL_VENDOR) {
      const name = variables.toString('utf16le', nameStart, dataStart).replace(/\0.*$/s, '');
      if (state === ADDED) globals.set(name, variables.subarray(dataStart, dataEnd));
      else if (state === IN_DELETED_TRANSITION) replaced.set(name, variables.subarray(dataStart, dataEnd));
    }
    offset = Math.ceil(dataEnd / 4) * 4;
  }
  return new Map([...replaced, ...globals]);
}
