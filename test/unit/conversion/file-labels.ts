import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';

const BLOCK_BYTES = 512;

/** What tar keeps of a file besides owner, mode and time: its ACL and extended attributes, a line each. */
export async function readLabels(folder: string, name: string): Promise<string[]> {
  const words = ['--create', '--acls', '--xattrs', '--xattrs-include=*', `--directory=${folder}`, name];
  const { stdout } = await execa('tar', words, { encoding: 'buffer' });
  const [, records = ''] = /\d+ (SCHILY\.[^\0]*)/.exec(Buffer.from(stdout).toString('latin1')) ?? [];
  return records.split('\n').filter((line) => /SCHILY|^(?:user|group|mask|other):/.test(line));
}

/** Make a file with an ACL and an extended attribute. tar can, and is everywhere; setfacl and setfattr are not. */
export async function makeLabelledFile(folder: string, name: string, content: string): Promise<void> {
  const records = [
    record('SCHILY.acl.access', 'user::rw-,user:7:r--,group::r--,mask::r--,other::---'),
    record('SCHILY.xattr.user.virtioize', 'kept'),
  ].join('');
  const archive = `${folder}.tar`;
  const entries = [...entry('labels', 'x', records), ...entry(name, '0', content), Buffer.alloc(2 * BLOCK_BYTES)];
  await writeFile(archive, Buffer.concat(entries));
  const words = ['--extract', '--acls', '--xattrs', '--xattrs-include=*', `--file=${archive}`, `--directory=${folder}`];
  await execa('tar', [...words, '--no-same-owner']);
}

/** `<length of the whole> <key>=<value>` (pax(1)) */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  return `${rest.length + 2}${rest}`; // two digits are enough for what stands here
}

/** A header and the content, each filled up to whole blocks (tar(5), ustar). */
function entry(name: string, type: string, content: string): Buffer[] {
  const header = Buffer.alloc(BLOCK_BYTES);
  const fields: [number, string][] = [
    [0, name],
    [100, '0000640\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${content.length.toString(8).padStart(11, '0')} `],
    [136, '00000000000 '], // 1970
    [148, '        '],
    [156, type],
    [257, 'ustar\x0000'],
  ];
  for (const [offset, text] of fields) header.write(text, offset, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const body = Buffer.alloc(Math.ceil(content.length / BLOCK_BYTES) * BLOCK_BYTES);
  body.write(content, 'latin1');
  return [header, body];
}
