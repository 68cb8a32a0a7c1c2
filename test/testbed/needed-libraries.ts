import { execa } from 'execa';

/** The libraries of a program, its loader included: absolute paths on this machine. Throws where one is missing. */
export async function neededLibraries(program: string): Promise<string[]> {
  // lines like `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)` and `/lib64/ld-...so.2 (0x...)`
  const { stdout } = await execa('ldd', [program], { env: { LC_ALL: 'C' } });
  const missing = /^\s*(\S+) => not found$/m.exec(stdout)?.[1];
  if (missing) throw new Error(`${program} needs ${missing}, which this machine does not have`);
  return [...stdout.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map((match) => match[1] as string);
}
