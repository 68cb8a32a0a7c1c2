const magic = '070701';
const typeBits = { folder: 0o040000, file: 0o100000, link: 0o120000, characterDevice: 0o020000 };

/** One entry of a cpio archive; every entry belongs to root. */
export type ArchiveEntry =
  | { type: 'folder'; path: string; mode?: number }
  | { type: 'file'; path: string; content: Buffer | string; mode?: number }
  | { type: 'link'; path: string; target: string }
  | { type: 'characterDevice'; path: string; major: number; minor: number };

/**
 * Return a "newc" cpio archive, the format of an initramfs. Written here rather than by cpio(1), because the device node
 * `/dev/console` then needs no root privileges. Folders must come before what lies in them.
 */
export function newcArchive(entries: readonly ArchiveEntry[]): Buffer {
  const blocks = entries.map((entry, index) => encodeEntry(entry, index + 1));
  return Buffer.concat([...blocks, encode({ path: 'TRAILER!!!', mode: 0, inode: 0, content: Buffer.alloc(0) })]);
}

function encodeEntry(entry: ArchiveEntry, inode: number): Buffer {
  const type = typeBits[entry.type];
  switch (entry.type) {
    case 'folder':
      return encode({ path: entry.path, mode: type | (entry.mode ?? 0o755), inode, content: Buffer.alloc(0) });
    case 'file':
      return encode({
        path: entry.path,
        mode: type | (entry.mode ?? 0o644),
        inode,
        content: Buffer.from(entry.content),
      });
    case 'link':
      return encode({ path: entry.path, mode: type | 0o777, inode, content: Buffer.from(entry.target) });
    case 'characterDevice':
      return encode({ path: entry.path, mode: type | 0o600, inode, content: Buffer.alloc(0), device: entry });
  }
}

interface RawEntry {
  path: string;
  mode: number;
  inode: number;
  content: Buffer;
  device?: { major: number; minor: number };
}

function encode({ path, mode, inode, content, device }: RawEntry): Buffer {
  const name = Buffer.from(`${path}\0`);
  // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const fields = [
    inode,
    mode,
    0,
    0,
    1,
    0,
    content.length,
    0,
    0,
    device?.major ?? 0,
    device?.minor ?? 0,
    name.length,
    0,
  ];
  const header = Buffer.from(magic + fields.map((field) => field.toString(16).padStart(8, '0')).join(''));
  return Buffer.concat([padToFour(Buffer.concat([header, name])), padToFour(content)]);
}

function padToFour(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
