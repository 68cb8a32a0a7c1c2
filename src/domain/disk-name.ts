/** The prefixes that libvirt knows (src/util/virutil.c, virDiskNameParse). */
const NAME = /^(?:fd|hd|vd|sd|xvd|ubd)([a-z]+)$/;

/** How many names of one prefix there are before libvirt's index would overflow its own checks: far above any guest. */
const LAST_INDEX = 18_277; // "zzz"

/**
 * The number that libvirt reads from a target name's letters: vda = 0, vdz = 25, vdaa = 26. It alone makes QEMU's
 * device id (`virtio-disk0`), so two virtio disks must differ in it whatever their prefixes.
 * @returns undefined for a name that libvirt can't count.
 */
export function diskIndex(target: string): number | undefined {
  const letters = NAME.exec(target)?.[1];
  if (letters === undefined) return undefined;
  let index = 0;
  for (let at = 0; at < letters.length; at += 1) index = index * 26 + (letters.charCodeAt(at) - 96);
  return index - 1 <= LAST_INDEX ? index - 1 : undefined;
}

/** The virtio target name of an index: 0 = vda, 26 = vdaa. */
export function virtioName(index: number): string {
  let letters = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(97 + ((rest - 1) % 26)) + letters;
  }
  return `vd${letters}`;
}
