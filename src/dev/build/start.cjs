#!/usr/bin/env node
// The start of the built command: loads main.js by way of what the compiler made of it before, where this Node can use it.
'use strict';
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const vm = require('node:vm');

const file = `${__dirname}/main.js`;

/** Which main.js this is the start of, by its content: filled in by the build. The compiler looks at no more than its length. */
const BUILD = 'unbuilt';

/** Any other first word is a mistake. */
const COMMANDS =
  'status migrate rollback to redo new reset lint rehearse fingerprint diff import baseline repair verify check backup release release-claim run watch state plan approve reject decide pause resume abort report runs';

if (Module.enableCompileCache) {
  Module.enableCompileCache();
  require(file);
} else {
  withOwnCache();
}

/**
 * For Node 20, which has no cache of its own: one file beside main.js for each command, with what that command uses, made by its first call
 * that may write there. A call that began before this folder was replaced keeps its own under another name.
 */
function withOwnCache() {
  const command = COMMANDS.split(' ').find((name) => name === process.argv[2]) ?? 'any';
  const cacheFile = `${__dirname}/main.${BUILD}.${process.version}.${process.arch}.${command}.cache`;
  const cachedData = read(cacheFile);
  const script = new vm.Script(Module.wrap(readFileSync(file, 'utf8')), {
    filename: file,
    cachedData,
  });
  if (!cachedData || script.cachedDataRejected) process.once('exit', () => keep(cacheFile, script));
  const module = { exports: {}, part: (name) => import(name) };
  script.runInThisContext().call(module.exports, module.exports, Module.createRequire(file), module, file, __dirname);
}

function read(name) {
  try {
    return readFileSync(name);
  } catch {
    return undefined;
  }
}

/** After the work, so that what was used is in it. A folder that cannot be written to has none: it goes without. */
function keep(name, script) {
  try {
    writeFileSync(`${name}.${process.pid}`, script.createCachedData());
    renameSync(`${name}.${process.pid}`, name);
  } catch {
    // It is only about time.
  }
}
