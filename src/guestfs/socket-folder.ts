import { readdirSync, readFileSync } from 'node:fs';

/**
 * The folder that libguestfs has made for the sockets of an appliance, from the command line of its QEMU: for root it lies
 * in /tmp whatever the environment says, and stays there where libguestfs is killed.
 * @param group the process group that the appliance belongs to.
 */
export function findSocketFolder(group: number): string | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (
      readProcessFile(pid, 'stat')
        .replace(/^.*\) \S+ \d+ /s, '')
        .split(' ')[0] !== String(group)
    )
      continue;
    const [folder] = /\/tmp\/libguestfs\w{6}(?=\/guestfsd\.sock)/.exec(readProcessFile(pid, 'cmdline')) ?? [];
    if (folder !== undefined) return folder;
  }
  return undefined;
}

function readProcessFile(pid: string, name: 'stat' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return ''; // it has ended
  }
}
