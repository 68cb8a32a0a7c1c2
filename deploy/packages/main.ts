// `npm run package`: makes dist/packages/virtioize*.deb and virtioize*.rpm, and the executable that both install.
//   --revision N   of the package, where it is made anew of the same version
//   --quick        larger packages, made in a tenth of the time: to try them out
import { mkdir, readFile, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { makeDebianPackage } from './debian.ts';
import { makeRedHatPackage } from './red-hat.ts';
import { makeSingleExecutable } from './single-executable.ts';

const OUTPUT = 'dist/packages';
const SCRATCH = 'dist/packages-scratch';
const EXECUTABLE = `${OUTPUT}/virtioize`;

const { values } = parseArgs({
  options: { revision: { type: 'string', default: '1' }, quick: { type: 'boolean', default: false } },
});
const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
const release = { version, revision: values.revision, date: await sourceDate() };
const places = { executable: EXECUTABLE, scratch: SCRATCH, output: OUTPUT, isQuick: values.quick };

for (const folder of [OUTPUT, SCRATCH]) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
await execa(process.execPath, ['build.js', '--single-file']);
await makeSingleExecutable('dist/single-file/virtioize.cjs', EXECUTABLE, SCRATCH);
const made = await Promise.all([makeDebianPackage(release, places), makeRedHatPackage(release, places)]);
await rm(SCRATCH, { recursive: true });
process.stdout.write(`${[EXECUTABLE, ...made].join('\n')}\n`);

/** When the source was last changed: what the builder says, else what git says. */
async function sourceDate(): Promise<Date> {
  const said = process.env.SOURCE_DATE_EPOCH;
  if (said !== undefined) return new Date(Number(said) * 1000);
  const { stdout } = await execa('git', ['log', '-1', '--format=%ct']);
  return new Date(Number(stdout) * 1000);
}
