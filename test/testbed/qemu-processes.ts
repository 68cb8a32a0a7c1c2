import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/**
 * Kill every QEMU whose command line names the folder, and every virsh that would start one there. Resolves when none is
 * left; throws after 10 s.
 */
export async function killProcessesOf(folder: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  let pids = await processesOf(folder);
  while (pids.length > 0) {
    if (Date.now() > deadline) throw new Error(`processes of ${folder} do not end: ${pids.join(', ')}`);
    for (const pid of pids) killIfAlive(pid);
    await setTimeout(50);
    pids = await processesOf(folder);
  }
}

/** Process ids of the QEMUs and virshs whose command line names the folder. */
export async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const ours = await Promise.all(pids.map(async (pid) => isProcessOf(folder, await commandLine(pid))));
  return pids.filter((_, index) => ours[index]);
}

function isProcessOf(folder: string, [program = '', ...args]: string[]): boolean {
  if (!/^(qemu-system-.*|virsh)$/.test(basename(program))) return false;
  return args.some((arg) => arg.includes(folder)); // mkdtemp's names are all of one length: none begins another
}

async function commandLine(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // the process may have ended
  return text.split('\0');
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
