import { expect, it } from 'vitest';
import type { MigrationFile } from '../../../src/migrator/files.ts';
import type { LedgerRow } from '../../../src/migrator/ledger.ts';
import { planMigrations } from '../../../src/migrator/plan.ts';
import { refuseProblems } from '../../../src/migrator/plan-problems.ts';
import { problemOf } from '../../postgres/migrator/world.ts';

const sqlFile = (name: string, edit = '') => ({
  path: `m/${name}.sql`,
  sql: '',
  checksum: `${name}${edit}`.padEnd(64, '0'),
});

/** `edits` are added to the files after they were applied. */
function file(version: string, edits: { up?: string; down?: string } = {}): MigrationFile {
  const name = `n${Number(version)}`;
  return { version, name, up: sqlFile(`${version}_up`, edits.up), down: sqlFile(`${version}_down`, edits.down) };
}

function row(version: string, changes: Partial<LedgerRow> = {}): LedgerRow {
  const { name, up, down } = file(version);
  return {
    version,
    name,
    upChecksum: up.checksum,
    downChecksum: down!.checksum,
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:01.000Z',
    partsDone: 1,
    partsTotal: 1,
    durationMs: 5,
    appliedBy: 'anna@desk',
    runId: null,
    drydockVersion: '0.1.0',
    undoStartedAt: null,
    ...changes,
  };
}

const states = (files: MigrationFile[], rows: LedgerRow[]) =>
  planMigrations(files, rows).migrations.map(({ version, state }) => `${version} ${state}`);
const pending = (files: MigrationFile[], rows: LedgerRow[]) =>
  planMigrations(files, rows).pending.map(({ version }) => version);
const codes = (files: MigrationFile[], rows: LedgerRow[]) =>
  planMigrations(files, rows).problems.map(({ code, message }) => `${code}: ${message}`);

it('on an empty ledger everything is pending, in order', () => {
  expect(pending([file('001'), file('002')], [])).toEqual(['001', '002']);
  expect(codes([file('001'), file('002')], [])).toEqual([]);
});

it('what is applied is not pending', () => {
  expect(pending([file('001'), file('002'), file('003')], [row('001'), row('002')])).toEqual(['003']);
});

it('with everything applied nothing is pending', () => {
  expect(pending([file('001')], [row('001')])).toEqual([]);
});

it('an unfinished one is pending, and is no problem', () => {
  const rows = [row('001'), row('002', { finishedAt: null, partsDone: 1, partsTotal: 3 })];
  expect(states([file('001'), file('002'), file('003')], rows)).toEqual([
    '001 applied',
    '002 unfinished',
    '003 pending',
  ]);
  expect(pending([file('001'), file('002'), file('003')], rows)).toEqual(['002', '003']);
  expect(codes([file('001'), file('002'), file('003')], rows)).toEqual([]);
});

it('a hole between applied ones is out of order', () => {
  expect(codes([file('001'), file('002'), file('003')], [row('001'), row('003')])).toEqual([
    'migration-out-of-order: 002_n2 is not applied, but 003 is',
  ]);
});

it('every hole is told', () => {
  const files = ['001', '002', '003', '004'].map((version) => file(version));
  expect(codes(files, [row('004')])).toEqual([
    'migration-out-of-order: 001_n1 is not applied, but 004 is',
    'migration-out-of-order: 002_n2 is not applied, but 004 is',
    'migration-out-of-order: 003_n3 is not applied, but 004 is',
  ]);
});

it('an applied one without files is missing, wherever it stands', () => {
  expect(states([file('001')], [row('001'), row('002')])).toEqual(['001 applied', '002 missing']);
  expect(codes([file('001'), file('003')], [row('001'), row('002')])).toEqual([
    'migration-file-missing: 002_n2 is applied, but its files are not on disk',
  ]);
});

it('an edited file is told by which of the two it is', () => {
  expect(codes([file('001', { up: 'x' })], [row('001')])).toEqual([
    'migration-edited: 001_n1 was edited after it was applied',
  ]);
  const [problem] = planMigrations([file('001', { down: 'x' })], [row('001')]).problems;
  expect(problem).toEqual({
    code: 'migration-edited',
    message: '001_n1 was edited after it was applied',
    found: 'm/001_down.sql has checksum 001_downx000…, the ledger has 001_down0000…',
    expected: 'the files as they were when the migration was applied',
    next: 'restore the files from version control, and put the change into a new migration; or, if the edit is meant, see `repair`',
    retry: 'stop',
  });
});

it('an unfinished one that was edited has its own way out', () => {
  const [problem] = planMigrations([file('001', { up: 'x' })], [row('001', { finishedAt: null })]).problems;
  expect(problem!.message).toBe('001_n1 was edited after it was begun');
  expect(problem!.next).toBe('run `rollback` to clear what the unfinished migration left, then `migrate`');
});

it('numbers are compared as numbers, however they are written', () => {
  expect(states([file('9'), file('10')], [row('009')])).toEqual(['9 applied', '10 pending']);
});

it('several problems are refused as one that lists them all', async () => {
  const { problems } = planMigrations([file('001', { up: 'x' }), file('002')], [row('001'), row('003')]);
  const refused = async () => refuseProblems(problems);
  expect(await problemOf(refused())).toEqual({
    code: 'migration-file-missing',
    message: '3 problems with the migrations',
    found: [
      'migration-file-missing: 003_n3 is applied, but its files are not on disk',
      '  the ledger has 003_n3, applied by anna@desk at 2026-01-01T00:00:01.000Z',
      'migration-edited: 001_n1 was edited after it was applied',
      '  m/001_up.sql has checksum 001_upx00000…, the ledger has 001_up000000…',
      'migration-out-of-order: 002_n2 is not applied, but 003 is',
      '  002 comes before 003, the last one applied',
    ].join('\n'),
    expected: 'files and ledger that fit together',
    next: [
      'use the checkout that holds it, or restore the files from version control; or, if they are gone on purpose, see `repair`',
      'restore the files from version control, and put the change into a new migration; or, if the edit is meant, see `repair`',
      'give the new migration a number after the last one applied',
    ].join('\n'),
    retry: 'stop',
  });
});

it('repeatable ones stand last, are pending when they changed, and make no numbered one late', () => {
  const view = (edit = '') => ({ version: 'R__v', name: 'v', up: sqlFile('R__v', edit), down: null });
  const recorded = row('001', { version: 'R__v', name: 'v', upChecksum: sqlFile('R__v').checksum, downChecksum: null });
  const statesWith = (edit: string) => {
    const plan = planMigrations([view(edit), file('001'), file('002')], [row('001')], [recorded]);
    return [plan.migrations.map(({ version, state }) => `${version} ${state}`), plan.problems];
  };
  expect(statesWith('')).toEqual([['001 applied', '002 pending', 'R__v applied'], []]);
  expect(statesWith('x')).toEqual([['001 applied', '002 pending', 'R__v pending'], []]);
});
