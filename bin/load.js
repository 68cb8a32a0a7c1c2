const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const BUNDLE = join(__dirname, '../dist/bundle');
// What V8 made of the bundle where it was built, for another V8 can't use that: to compile it at each start takes a third of a short run.
const COMPILED = join(BUNDLE, `v8-${process.versions.v8}-${process.arch}`);
const isCompiled = existsSync(COMPILED);
// It changes under its name, the others don't; V8 compares no more than the length of a text.
const ENTRY = 'main.cjs';

const loaded = new Map();

/** Given the name of a file of the bundle, what it exports. */
function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const cachedData = isCompiled && name !== ENTRY ? readFileSync(join(COMPILED, name)) : undefined;
  const run = compile(name, readFileSync(join(BUNDLE, name), 'utf8'), cachedData).runInThisContext();
  run(module.exports, (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id)), module, join(BUNDLE, name));
  return module.exports;
}

function compile(name, text, cachedData) {
  const whole = `(function (exports, require, module, __filename) {${text}\n})`;
  return new Script(whole, { filename: `bundle/${name}`, cachedData });
}

module.exports = { load, compile, COMPILED, ENTRY };
