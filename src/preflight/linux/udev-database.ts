import { type GuestFiles, readText } from '../guest-files.ts';

/** What a running system's udev knows of a block device. */
export interface UdevDevice {
  readonly properties: ReadonlyMap<string, string>;
  /** Its further names, without `/dev/`: `disk/by-id/ata-QEMU_HARDDISK_QM00001-part1`. */
  readonly links: readonly string[];
}

const MAX_BYTES = 64 * 1024;

/**
 * A block device in udev's database (systemd, src/libsystemd/sd-device: `/run/udev/data`), or undefined where it is not there.
 * @param number its device number: `8:1`.
 * @throws UnreadableError
 */
export async function readUdevDevice(files: GuestFiles, number: string): Promise<UdevDevice | undefined> {
  if (!/^\d{1,4}:\d{1,8}$/.test(number)) return undefined;
  const text = await readText(files, `/run/udev/data/b${number}`, MAX_BYTES);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const properties = lines.flatMap((line) => {
    const [, name, value] = /^E:([^=]+)=(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return {
    properties: new Map(properties),
    links: lines.filter((line) => line.startsWith('S:')).map((line) => line.slice(2)),
  };
}
