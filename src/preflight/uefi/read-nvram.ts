import { open } from 'node:fs/promises';
import { readDefinition, selectText } from '../../domain/xml.ts';

/** UEFI variable stores are 540 KiB on x86 and 64 MiB on aarch64. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Where a definition keeps the guest's UEFI variables; undefined where it names no file. */
export function nvramPath(definition: string): string | undefined {
  if (!definition.includes('<nvram')) return undefined; // most have none, and need not be parsed for it
  return selectText(readDefinition(definition), '/domain/os/nvram') || undefined;
}

/**
 * A guest's UEFI variables, as they are in its file on this machine.
 * @throws RangeError where it is larger than any is, or the system's error.
 */
export async function readNvram(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) throw new RangeError(path);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
