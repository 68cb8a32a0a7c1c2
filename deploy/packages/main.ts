// `npm run package`: makes dist/packages/virtioize*.deb and virtioize*.rpm, and the executable that both install.
//   --revision N   of the package, where it is made anew of the same version
//   --output DIR   instead of dist/packages; what is in it goes
//   --quick        larger packages, made in a tenth of the time: to try them out
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { makeDebianPackage } from './debian.ts';
import { makeRedHatPackage } from './red-hat.ts';
import { makeSingleExecutable } from './single-executable.ts';

const { values } = parseArgs({
  options: {
    revision: { type: 'string', default: '1' },
    output: { type: 'string', default: 'dist/packages' },
    quick: { type: 'boolean', default: false },
  },
});
const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
const release = { version, revision: values.revision, date: await sourceDate() };

// Folders and files of packages are for everybody to read, whoever builds them.
process.umask(0o022);
const output = resolve(values.output);
const scratch = join(output, 'scratch');
const executable = join(output, 'virtioize');
await rm(output, { recursive: true, force: true });
await mkdir(scratch, { recursive: true });
await execa(process.execPath, ['build.js', '--single-file', join(scratch, 'program')]);
await makeSingleExecutable(join(scratch, 'program/virtioize.cjs'), executable, scratch);
const workplace = { executable, scratch, output, isQuick: values.quick };
const made = await Promise.all([makeDebianPackage(release, workplace), makeRedHatPackage(release, workplace)]);
await rm(scratch, { recursive: true });
process.stdout.write(`${[executable, ...made].join('\n')}\n`);

/** When the source was last changed: what the builder says, else what git says. */
async function sourceDate(): Promise<Date> {
  const said = process.env.SOURCE_DATE_EPOCH;
  if (said !== undefined) return new Date(Number(said) * 1000);
  const { stdout } = await execa('git', ['log', '-1', '--format=%ct']);
  return new Date(Number(stdout) * 1000);
}
