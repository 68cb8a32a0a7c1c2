import { type GuestFiles, readHead, UnreadableError } from '../guest-files.ts';
import { type FirmwareEntry, GLOBAL_VENDOR, readFirmwareEntries } from './firmware-entries.ts';

const FOLDER = '/sys/firmware/efi/efivars';
/** Each file begins with the variable's attributes (Linux, Documentation/filesystems/efivarfs.rst). */
const ATTRIBUTES_BYTES = 4;
const MAX_BYTES = 64 * 1024;

/**
 * The boot entries of the firmware that a running Linux system sees.
 * @throws UnreadableError where they can't be read.
 */
export async function readEfivars(files: GuestFiles): Promise<FirmwareEntry[]> {
  const read = async (name: string): Promise<Buffer | undefined> =>
    (await readHead(files, `${FOLDER}/${name}-${GLOBAL_VENDOR}`, MAX_BYTES))?.subarray(ATTRIBUTES_BYTES);
  if ((await read('BootOrder')) === undefined) throw new UnreadableError(`${FOLDER} shows no BootOrder`);
  return readFirmwareEntries(read);
}
