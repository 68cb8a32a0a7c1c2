#!/usr/bin/env node
const { run } = require('../dist/bundle/main.cjs');

run(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
