const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const BUNDLE = join(__dirname, '../dist/bundle');
// What V8 made of the bundle where it was built, for another V8 can't use that: to compile it at each start takes a quarter of a short run.
const COMPILED = join(BUNDLE, `v8-${process.versions.v8}-${process.arch}`);
// It changes under its name, the others don't; V8 compares no more than the length of a text.
const ENTRY = 'main.cjs';

/** By name, what is loaded of the bundle: the script, and the module that it makes. */
const loaded = new Map();

/** Given the name of a file of the bundle, what it exports. */
function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.module.exports;
  const [module, file] = [{ exports: {} }, join(BUNDLE, name)];
  const text = `(function (exports, require, module, __filename) {${readFileSync(file, 'utf8')}\n})`;
  const cache = join(COMPILED, name);
  const cachedData = name !== ENTRY && existsSync(cache) ? readFileSync(cache) : undefined;
  const script = new Script(text, { filename: `bundle/${name}`, cachedData });
  loaded.set(name, { module, script });
  const requireOne = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id));
  script.runInThisContext()(module.exports, requireOne, module, file);
  return module.exports;
}

module.exports = { load, loaded, BUNDLE, COMPILED, ENTRY };
