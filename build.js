// Makes the program in dist/bundle of src/ and the libraries that it uses: a few files, for loading several hundred took
// most of a short run's time. What a command does not need is in files of its own, and is not loaded.
//   --single-file DIR   instead, one CommonJS file in DIR, which is what an executable of its own can hold
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { build, transform } from 'esbuild';
import { BUNDLE, COMPILED, ENTRY, load, loaded } from './bin/load.js';

const style = {
  platform: 'node',
  target: 'node20.19',
  // Names stay, and lines stay short: a bug is reported with its stack trace.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
};
/** Of xmldom: HTML has two thousand entities more than XML, and to make and freeze them took 10 ms of each start. */
const withoutHtmlEntities = {
  name: 'without-html-entities',
  setup({ onLoad }) {
    onLoad({ filter: /xmldom.lib.entities\.js$/ }, ({ path }) => {
      const [contents, ...rest] = readFileSync(path, 'utf8').split('exports.HTML_ENTITIES = ');
      if (rest.length !== 1) throw new Error(`${path} is not as it was`);
      return { contents };
    });
  },
};
const common = {
  ...style,
  plugins: [withoutHtmlEntities],
  bundle: true,
  metafile: true,
  // One for all: newer ones make a segmenter and a regular expression of all emoji at every start, which takes as long as Node itself.
  alias: { 'string-width': './node_modules/string-width/index.js' },
};
// What ES modules take from Node: their own address.
const commonJs = {
  format: 'cjs',
  define: { 'import.meta.url': 'thisUrl' },
  banner: "const thisUrl = require('node:url').pathToFileURL(__filename).href;",
};
const version = JSON.stringify(readJson('package.json').version);

/** A host with a guest that is off. */
const HOST = `<node><domain type='test'><name>guest</name><memory>65536</memory><os><type>hvm</type></os><devices>
  <disk type='file' device='disk'><source file='/nowhere.img'/><target dev='hda' bus='ide'/></disk></devices>
  <test:runstate xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>5</test:runstate></domain></node>`;

const [, , option, folder] = process.argv;
if (option === '--single-file') await makeSingleFile(folder);
else {
  await makeBundle();
  await keepCompiled();
}

/** Files for bin/load.js. CommonJS: Node's loader of ES modules takes about as long for them as Node itself takes to start. */
async function makeBundle() {
  rmSync(BUNDLE, { recursive: true, force: true });
  mkdirSync(BUNDLE, { recursive: true });
  const { metafile, outputFiles } = await build({
    ...common,
    entryPoints: ['src/main.ts'],
    outdir: BUNDLE,
    outExtension: { '.js': '.cjs' },
    write: false,
    splitting: true,
    format: 'esm', // the only one that esbuild splits
    define: { VIRTIOIZE_VERSION: version },
  });
  for (const { path, text } of outputFiles) {
    const { code } = await transform(text, {
      ...style,
      ...commonJs,
      supported: { 'dynamic-import': false }, // a `require` that is waited for
    });
    writeFileSync(path, code);
  }
  writeNotices(BUNDLE, metafile);
}

/**
 * What V8 makes of the functions that short runs use, for bin/load.js: they are run, on a guest of libvirt's test driver.
 * Without virsh they don't get that far, and less is kept.
 */
async function keepCompiled() {
  const folder = mkdtempSync(join(tmpdir(), 'virtioize-build-'));
  const host = join(folder, 'host.xml');
  writeFileSync(host, HOST);
  const nobody = new Writable({ write: (_chunk, _encoding, done) => done() });
  const io = { stdin: process.stdin, stdout: nobody, stderr: nobody, env: {} };
  const options = ['--connect', `test://${host}`, '--state-dir', join(folder, 'state'), '--no-config'];
  const { run } = load(ENTRY);
  try {
    for (const words of [['status'], ['check'], ['convert', 'guest', '--yes', '--assume-driver', '--reason', 'a try']])
      await run([...words, ...options], io);
  } finally {
    rmSync(folder, { recursive: true });
  }
  mkdirSync(COMPILED, { recursive: true });
  for (const [name, { script }] of loaded)
    if (name !== ENTRY) writeFileSync(join(COMPILED, name), script.createCachedData());
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
    ...commonJs,
    banner: { js: commonJs.banner },
    define: { VIRTIOIZE_VERSION: version, ...commonJs.define },
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
