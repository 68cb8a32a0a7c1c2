import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';

/** What a disk holds and whose it is: owner, mode, and its labels, ACLs and other extended attributes. */
export async function describeImage(path: string) {
  const { uid, gid, mode, mtimeMs } = await stat(path);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const { stdout: attributes } = await execa('getfattr', ['--absolute-names', '--dump', '--match=-', path]);
  return { uid, gid, mode, mtimeMs, hash: hash.digest('hex'), attributes };
}
