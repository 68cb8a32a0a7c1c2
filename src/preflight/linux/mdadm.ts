import { changesOnVirtio } from './device-path.ts';
import type { NamedDisk } from './named-disk.ts';

/** `mdadm.conf` (mdadm.conf(5)): `DEVICE` says where arrays are looked for, `devices=` of an `ARRAY` what it is made of. */
export function readMdadm(text: string, file: string): NamedDisk[] {
  const lines = unfold(text).map((line) => line.split(/\s+/));
  const searched = lines.filter(([keyword = '']) => isKeyword(keyword, 'device')).flatMap(([, ...words]) => words);
  const parts = lines
    .filter(([keyword = '']) => isKeyword(keyword, 'array'))
    .flatMap(([, ...words]) => words.filter((word) => /^devices=/i.test(word)))
    .flatMap((word) => word.slice('devices='.length).split(','));
  return [
    ...namedDisks(searched.some(findsVirtio) ? [] : searched, {
      file,
      purpose: 'the search for md arrays',
      entry: { kind: 'md search' },
    }),
    ...namedDisks(parts, { file, purpose: 'the parts of an md array', entry: { kind: 'md parts' } }),
  ];
}

function namedDisks(words: readonly string[], named: Pick<NamedDisk, 'purpose' | 'file' | 'entry'>): NamedDisk[] {
  return words
    .filter((word) => changesOnVirtio(exampleOf(word)))
    .map((device) => ({ ...named, device, stopsBoot: true }));
}

/** A name that a glob such as `/dev/sd[a-c]*` or `/dev/[hs]d?1` may stand for. */
function exampleOf(glob: string): string {
  return glob
    .replace(/\[([^\]])[^\]]*\]/g, '$1')
    .replace(/\*.*$/, 'a')
    .replaceAll('?', 'a');
}

/** Whether arrays are looked for on virtio disks as well. */
function findsVirtio(glob: string): boolean {
  return /^(?:partitions|containers)$/i.test(glob)
    ? glob.toLowerCase() === 'partitions'
    : /^\/dev\/(?:\*|(?:v|\?|\[[^\]]*v[^\]]*\])(?:\*|d(?:[*?]|\[)))/.test(glob);
}

/** Lines that begin with a blank go on with the one before. */
function unfold(text: string): string[] {
  return text
    .replace(/\n[ \t]+(?=\S)/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** Keywords may be cut down to three letters. */
function isKeyword(word: string, keyword: string): boolean {
  return word.length >= 3 && keyword.startsWith(word.toLowerCase());
}
