// Makes the program in dist/bundle of src/ and the libraries that it uses: a few files, for loading several hundred took
// most of a short run's time. What a command does not need is in files of its own, and is not loaded.
//   --single-file DIR   instead, one CommonJS file in DIR, which is what an executable of its own can hold
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Names stay, and lines stay short: a bug is reported with its stack trace.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  metafile: true,
  // One for all: newer ones make a segmenter and a regular expression of all emoji at every start, which takes as long as Node itself.
  alias: { 'string-width': './node_modules/string-width/index.js' },
};
const version = JSON.stringify(readJson('package.json').version);

const [, , option, folder] = process.argv;
if (option === '--single-file') await makeSingleFile(folder);
else await makeBundle('dist/bundle');

async function makeBundle(folder) {
  rmSync(folder, { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints: ['src/main.ts'],
    outdir: folder,
    splitting: true,
    format: 'esm',
    define: { VIRTIOIZE_VERSION: version, __filename: 'thisFile' },
    // What CommonJS libraries take from Node: their own file's name, and Node's modules by `require`.
    banner: {
      js: [
        "import { createRequire as requireFor } from 'node:module';",
        'const require = requireFor(import.meta.url), thisFile = import.meta.filename;',
      ].join(' '),
    },
  });
  writeNotices(folder, metafile);
}

async function makeSingleFile(folder) {
  rmSync(folder, { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    stdin: {
      contents: `
        import { run } from './src/main.ts';
        run(process.argv.slice(2)).then((status) => { process.exitCode = status; });
      `,
      resolveDir: '.',
    },
    outfile: `${folder}/virtioize.cjs`,
    format: 'cjs',
    // What ES modules take from Node: their own address.
    define: { VIRTIOIZE_VERSION: version, 'import.meta.url': 'thisUrl' },
    banner: { js: "const thisUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
  writeNotices(folder, metafile);
}

function writeNotices(folder, metafile) {
  const notices = bundledPackages(metafile).map(notice);
  writeFileSync(`${folder}/THIRD-PARTY-NOTICES.txt`, notices.join(`\n${'-'.repeat(80)}\n\n`));
}

/** The folders of the libraries of which something is in the bundle. */
function bundledPackages({ outputs }) {
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/** A library's name, and its licence as it came with it. */
function notice(folder) {
  const { name, version, license } = readJson(`${folder}/package.json`);
  const texts = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  return [`${name} ${version} (${license})\n`, ...texts.map((file) => readFileSync(`${folder}/${file}`, 'utf8'))].join(
    '\n',
  );
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
