/** The rules of the house hold in this checkout, and each of them is one that can be broken. */
import { expect, test } from 'vitest';
import { globalViolations, importCycles, importViolations } from './import-rules.ts';
import { readFacts } from './source-facts.ts';
import { sourceFiles } from './source-tree.ts';

const files = sourceFiles();
const facts = files.map(({ path, text }) => readFacts(path, text));

test('imports go one way', () => {
  expect(facts.flatMap((file) => file.imports).length).toBeGreaterThan(100);
  expect(importViolations(facts)).toEqual([]);
});

test('no files import each other in a ring', () => {
  expect(importCycles(facts)).toEqual([]);
});

test('the environment has one reader, and only entry points print', () => {
  expect(globalViolations(facts)).toEqual([]);
});

test('no file of src is longer than 300 lines', () => {
  const long = files
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > 300);
  expect(long).toEqual([]);
});

test('no file or folder is named after being useful', () => {
  const vague = /(^|[/.-])(utils?|helpers?|common|misc|shared)([/.-]|$)/i;
  expect(files.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
  expect(['src/utils/a.ts', 'src/a-helpers.ts', 'src/common.ts'].filter((path) => vague.test(path))).toHaveLength(3);
});

const imports = (path: string, code: string): string[] => importViolations([readFacts(path, code)]);

test.each([
  ['src/model/a.ts', `import { readFileSync } from 'node:fs';`, 'model imports nothing'],
  ['src/model/a.ts', `import type pg from 'pg';`, 'model imports nothing'],
  ['src/model/a.ts', `export * from '../postgres/connect.ts';`, 'model imports nothing'],
  ['src/workflows/a.ts', `import { log } from '@temporalio/activity';`, 'workflows import only model'],
  ['src/workflows/parts/a.ts', `import { apply } from '../../activities/index.ts';`, 'by others as types only'],
  ['src/workflows/a.ts', `import { createHash } from 'crypto';`, 'workflows import only model'],
  [
    'src/migrator/a.ts',
    `const { log } = await import('@temporalio/activity');`,
    'migrator imports only model and postgres',
  ],
  ['src/checks/a.ts', `type A = import('@temporalio/common').Duration;`, 'checks import only'],
  ['src/drain/a.ts', `const client = require('@temporalio/client');`, 'drain imports only'],
  ['src/postgres/a.ts', `import { migrate } from '../migrator/migrate.ts';`, 'postgres imports only model'],
  ['src/report/a.ts', `import { writeFileSync } from 'node:fs';`, 'report does no IO'],
  ['src/report/a.ts', `import pg from 'pg';`, 'report does no IO'],
  ['src/activities/a.ts', `import { readEnvironment } from '../cli/environment.ts';`, 'nothing imports cli'],
  ['src/data/communication/a.ts', `import { run } from '../../cli/commands/seed.ts';`, 'nothing imports cli'],
  ['src/dev/a.ts', `import { run } from '../cli/commands/seed.ts';`, 'nothing imports cli'],
  ['src/client/a.ts', `import { runRunbook } from '../workflows/index.ts';`, 'workflows are imported as types only'],
  ['src/client/a.ts', `import { apply } from '../activities/index.ts';`, 'by others as types only'],
  ['src/cli/a.ts', `import { startStack } from '../dev/start-stack.ts';`, 'nothing imports dev'],
  [
    'src/cli/commands/a.ts',
    `import { startRehearsalServer } from '../../dev/rehearsal-server.ts';`,
    'nothing imports dev',
  ],
  ['src/activities/a.ts', `import { start } from '../client/start.ts';`, 'activities bind the layers below'],
])('%s must not: %s', (path, code, rule) => {
  expect(imports(path, `// one\n${code}`)).toEqual([
    expect.stringMatching(new RegExp(`^${path}:2 imports .+Rule: .*${rule}`)),
  ]);
});

test.each([
  ['src/workflows/a.ts', `import type { Activities } from '../activities/contract.ts';`],
  ['src/workflows/a.ts', `import { sleep } from '@temporalio/workflow';`],
  ['src/model/a.ts', `import { b } from './b.ts';`],
  ['src/dev/a.ts', `import { readEnvironment } from '../cli/environment.ts';`],
  ['src/cli/commands/a.ts', `const { startRehearsalServer } = await import('../../dev/rehearsal-server.ts');`],
  ['src/dev/temporal/a.ts', `import { readEnvironment } from '../../cli/environment.ts';`],
  ['worker.ts', `import { readEnvironment } from './src/cli/environment.ts';`],
  ['src/data/communication/a.ts', `const { run } = await import('../../cli/commands/seed.ts');`],
  ['src/client/a.ts', `import type { runRunbook } from '../workflows/index.ts';`],
  ['src/worker/a.ts', `import { activities } from '../activities/index.ts';`],
  ['src/migrator/a.ts', `import { createHash } from 'node:crypto';`],
])('%s may: %s', (path, code) => {
  expect(imports(path, code)).toEqual([]);
});

test.each([
  ['src/postgres/a.ts', `const url = process.env.URL;`, 'process.env'],
  ['src/dev/a.ts', `const url = process['env'].URL;`, 'process.env'],
  ['worker.ts', `const { env } = process;`, 'process.env'],
  ['src/model/a.ts', `globalThis.process.env`, 'process.env'],
  ['src/migrator/a.ts', `console.log(1);`, 'console'],
  ['src/checks/a.ts', `const say = console;`, 'console'],
  ['src/data/a.ts', `process.stdout.write('x');`, 'process.stdout'],
  ['src/activities/a.ts', `process.stderr.write('x');`, 'process.stderr'],
])('%s must not: %s', (path, code, name) => {
  expect(globalViolations([readFacts(path, code)])).toEqual([
    expect.stringMatching(new RegExp(`^${path}:1 uses ${name}. Rule: `)),
  ]);
});

test('what only looks like the terminal is left alone', () => {
  const code = `const text = 'process.env'; options.console = { console: 1 }; // console.log`;
  expect(globalViolations([readFacts('src/model/a.ts', code)])).toEqual([]);
});

test('a ring of imports is found, one of types is none', () => {
  const ring = [
    readFacts('src/a/a.ts', `import './b.ts';`),
    readFacts('src/a/b.ts', `export { c } from './c.ts';`),
    readFacts('src/a/c.ts', `import { a } from './a.ts';`),
  ];
  expect(importCycles(ring)).toEqual(['src/a/a.ts > src/a/b.ts > src/a/c.ts > src/a/a.ts']);
  expect(importCycles([...ring.slice(0, 2), readFacts('src/a/c.ts', `import type { A } from './a.ts';`)])).toEqual([]);
});
