import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../until.ts';

/** A virsh that keeps one command back, as a busy host would: the real one, with a delay that is a fake. */
export interface HeldVirsh {
  /** For the program's environment. */
  readonly env: Record<string, string>;
  /** From now on, hold the next command. */
  arm(): Promise<void>;
  /** Resolve once the program has sent the command. */
  untilHeld(): Promise<void>;
  release(): Promise<void>;
}

/** @param command the first words of the command to hold; it is held until `release`, as is all that follows it. */
export async function holdVirsh(folder: string, command: string): Promise<HeldVirsh> {
  const bin = join(folder, `held-${command}`);
  const [armed, held, released] = ['armed', 'held', 'released'].map((name) => join(bin, name)) as [
    string,
    string,
    string,
  ];
  const script = `#!${process.execPath}
const { spawn } = require('node:child_process');
const { existsSync, writeFileSync } = require('node:fs');
const real = spawn('/usr/bin/virsh', process.argv.slice(2));
real.stdout.pipe(process.stdout).on('error', () => {});
real.stderr.pipe(process.stderr).on('error', () => {});
real.on('exit', (code) => process.exit(code));
const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
(async () => {
  for await (const line of require('node:readline').createInterface({ input: process.stdin })) {
    if (line.startsWith('${command} ') && existsSync('${armed}')) {
      writeFileSync('${held}', '');
      while (!existsSync('${released}')) await wait();
    }
    real.stdin.write(line + '\\n');
  }
  real.stdin.end();
})();
`;
  await rm(bin, { recursive: true, force: true });
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'virsh'), script, { mode: 0o755 });
  return {
    env: { PATH: `${bin}:${process.env.PATH}` },
    arm: () => writeFile(armed, ''),
    untilHeld: () => until(`'${command}' is held`, async () => existsSync(held)),
    release: () => writeFile(released, ''),
  };
}
