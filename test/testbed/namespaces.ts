import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { until } from '../until.ts';

/** Namespaces of one's own that are there until they are released: a process that does nothing is in them. */
export interface HeldNamespaces {
  readonly pid: number;
  readonly release: () => Promise<void>;
}

/** @param options what `unshare` is told to make, e.g. `['--net']` */
export async function holdNamespaces(options: readonly string[]): Promise<HeldNamespaces> {
  const holder = execa('unshare', [...options, 'sleep', 'infinity'], { reject: false });
  const { pid } = holder;
  if (pid === undefined) throw new Error(`unshare did not start: ${(await holder).shortMessage}`);
  // unshare itself is still outside of them
  const isInside = async (): Promise<boolean> => {
    if (holder.exitCode !== null) throw new Error(`unshare ended: ${(await holder).stderr}`);
    return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() === 'sleep';
  };
  await until('the namespaces are there', isInside);
  return {
    pid,
    release: async () => {
      holder.kill('SIGKILL');
      await holder;
    },
  };
}
