import { type LoadOption, readLoadOption } from './load-option.ts';

/** The vendor of the variables that the UEFI specification itself defines (EFI_GLOBAL_VARIABLE). */
export const GLOBAL_VENDOR = '8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** A boot entry that the firmware tries. */
export interface FirmwareEntry extends LoadOption {
  /** The variable that holds it: `Boot0001`. */
  readonly name: string;
  /** Whether the running system was started by it. */
  readonly isCurrent: boolean;
}

/** More than any firmware tries. */
const MAX_ENTRIES = 64;

/**
 * The boot entries among a firmware's variables, in the order that it tries them. What makes no sense is left out.
 * @param read a global variable's data by its name, or undefined where there is none.
 */
export async function readFirmwareEntries(
  read: (name: string) => Promise<Buffer | undefined> | Buffer | undefined,
): Promise<FirmwareEntry[]> {
  const order = numbersIn(await read('BootOrder')).slice(0, MAX_ENTRIES);
  const [current] = numbersIn(await read('BootCurrent'));
  const entries: FirmwareEntry[] = [];
  for (const number of new Set(order)) {
    const name = `Boot${number.toString(16).toUpperCase().padStart(4, '0')}`;
    const data = await read(name);
    const option = data === undefined ? undefined : readLoadOption(data);
    if (option !== undefined) entries.push({ name, isCurrent: number === current, ...option });
  }
  return entries;
}

function numbersIn(data: Buffer = Buffer.alloc(0)): number[] {
  return Array.from({ length: Math.floor(data.length / 2) }, (_, index) => data.readUInt16LE(index * 2));
}
