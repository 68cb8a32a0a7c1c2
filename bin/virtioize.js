#!/usr/bin/env node
const { ENTRY, load } = require('./load.js');

load(ENTRY)
  .run(process.argv.slice(2))
  .then((status) => {
    process.exitCode = status;
  });
