/**
 * Measures Drydock beside psql and other migration tools, all in one run on one server that is made for it. Prints Markdown.
 * Usage: node --import tsx bench/run.ts [--sets nine,200,1000] [--rounds 5] [--only psql,drydock] [--out file.md]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../src/dev/postgres/start-postgres.ts';
import { startReaper } from '../src/dev/reaper/start-reaper.ts';
import { bars, type SetTimings } from './bars.ts';
import type { Contender } from './contender.ts';
import { measure, median, onServer, timed, withDatabase } from './measure.ts';
import { type MigrationSet, nineMigrations, smallMigrations } from './sets.ts';
import { barsTable, setTable } from './table.ts';
import { findContenders } from './tools.ts';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    sets: { type: 'string', default: 'nine,200,1000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    out: { type: 'string' },
  },
});
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const CORE_STUB = 'src/data/communication/core-stub.sql';

const reaper = startReaper();
const workspace = mkdtempSync(path.join(tmpdir(), 'drydock-bench-'));
reaper.guardFolder(workspace, 'remove');
const server = await startPostgres({ reaper });
try {
  const found = await findContenders({ root, cache: path.join(homedir(), '.cache/drydock'), say });
  const only = values.only?.split(',');
  const contenders = found.contenders.filter(({ name }) => !only || only.includes(name));
  await makeTemplate();
  const sets: SetTimings[] = [];
  for (const set of chosenSets()) sets.push({ set: set.name, timings: await measureSet(set, contenders) });
  const nodeStartMs = await nodeStart();
  const bareStartMs = process.env.NODE_EXTRA_CA_CERTS ? await nodeStart({ NODE_EXTRA_CA_CERTS: '' }) : undefined;
  const text = [
    `PostgreSQL ${server.binaries.version}, Node ${process.version}, ${cpus().length} cores; median of ${values.rounds} rounds, side by side, fsync on.`,
    `Peers: ${found.versions.join(', ')}.`,
    ...found.missing.map((one) => `Not measured: ${one}.`),
    '',
    ...sets.flatMap((one) => [setTable(one), '']),
    '### Bars',
    '',
    barsTable(bars(sets, nodeStartMs), nodeStartMs),
    ...(bareStartMs === undefined
      ? []
      : [
          '',
          `NODE_EXTRA_CA_CERTS is set here, and every start of Node reads those certificates: without, it takes ${bareStartMs.toFixed(0)} ms.`,
        ]),
    '',
  ].join('\n');
  process.stdout.write(text);
  if (values.out) writeFileSync(values.out, text);
} finally {
  await server.stop();
  rmSync(workspace, { recursive: true, force: true });
  await reaper.close();
}

function chosenSets(): readonly MigrationSet[] {
  return values.sets.split(',').map((name) => (name === 'nine' ? nineMigrations(root) : smallMigrations(Number(name))));
}

/** The peers of a thousand take their time: three rounds tell them apart. */
function measureSet(set: MigrationSet, contenders: readonly Contender[]) {
  const rounds = Math.min(Number(values.rounds), set.migrations.length >= 1000 ? 3 : Number.POSITIVE_INFINITY);
  return measure({ set, contenders, rounds, serverUrl: server.superuserUrl, template: 'bench_core', workspace, say });
}

async function makeTemplate(): Promise<void> {
  const { readFile } = await import('node:fs/promises');
  await onServer(server.superuserUrl, 'create database bench_core');
  await onServer(withDatabase(server.superuserUrl, 'bench_core'), await readFile(path.join(root, CORE_STUB), 'utf8'));
}

async function nodeStart(env: Readonly<Record<string, string>> = {}): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    times.push(await timed('node', { file: process.execPath, args: ['-e', '0'], env }));
  }
  return median(times);
}
