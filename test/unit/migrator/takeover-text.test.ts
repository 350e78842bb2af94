import { expect, it } from 'vitest';
import type { BaselineOutcome, ImportOutcome, RepairOutcome } from '../../../src/model/takeover.ts';
import { baselineText, importText, repairText } from '../../../src/report/migrator/takeover-text.ts';

const recorded = (version: string, checksum: 'matches' | 'differs' | 'not-kept') => ({
  version,
  name: 'x',
  appliedAt: null,
  checksum,
});

const imported: ImportOutcome = {
  outcome: 'imported',
  tool: 'flyway',
  table: 'public.flyway_schema_history',
  renamedTo: null,
  ledger: 'public.schema_migrations',
  recorded: [recorded('1', 'matches'), recorded('1.1', 'differs'), recorded('R__v', 'matches')],
  pending: ['2_y'],
};

it('an import says what was recorded, what is proven, where both tables are, and what comes next', () => {
  expect(importText(imported)).toBe(
    [
      'recorded 3 migrations that flyway applied: 1_x to R__v',
      '2 of 3 files proven unchanged by its checksums',
      '  edited since, as was accepted: 1.1_x',
      'the ledger is public.schema_migrations; public.flyway_schema_history stays as it is',
      '1 pending: 2_y',
      'from now on, do not run flyway on this database',
    ].join('\n'),
  );
});

it('a preview of an import says what would be', () => {
  const renamedTo = 'public.schema_migrations_before_drydock';
  const table = 'public.schema_migrations';
  const only = { tool: 'dbmate', recorded: [recorded('007', 'not-kept')], pending: [] } as const;
  expect(importText({ ...imported, ...only, outcome: 'would-import', table, renamedTo })).toBe(
    [
      'would record 1 migration that dbmate applied: 007_x',
      'dbmate keeps no checksums: the files are taken as they are',
      `the ledger is ${table}; ${table} would be renamed to ${renamedTo}`,
      'nothing is pending',
      'nothing was changed',
    ].join('\n'),
  );
  expect(importText({ ...imported, outcome: 'already-imported' })).toBe(
    'nothing to do: public.schema_migrations has what was imported from flyway',
  );
});

it('a baseline says what it took on trust', () => {
  const outcome: BaselineOutcome = {
    outcome: 'recorded',
    ledger: 'app.schema_migrations',
    recorded: [{ version: '001', name: 'a' }],
    pending: ['002_b', '003_c', '004_d', '005_e', '006_f', '007_g'],
    proof: 'not-asked',
  };
  expect(baselineText(outcome)).toBe(
    [
      'recorded 1 migration as applied, without running any: up to 001_a',
      'not proven: whether the database has that schema was not looked at',
      'the ledger is app.schema_migrations',
      '6 pending: 002_b, 003_c, 004_d, 005_e, 006_f …',
    ].join('\n'),
  );
  expect(baselineText({ ...outcome, outcome: 'would-record', proof: 'same-schema', pending: [] })).toBe(
    [
      'would record 1 migration as applied, without running any: up to 001_a',
      'proven: the same files, run on a database of their own, gave the same schema',
      'the ledger is app.schema_migrations',
      'nothing is pending',
      'nothing was changed',
    ].join('\n'),
  );
});

it('a repair says what was recorded, what was forgotten, and what is left', () => {
  const outcome: RepairOutcome = {
    repaired: [
      {
        version: '002',
        name: 'b',
        action: 'checksums',
        old: { up: 'a', down: null },
        now: { up: 'b', down: null },
      },
      { version: '003', name: 'c', action: 'forget', old: { up: 'a', down: null }, now: null },
    ],
    left: [
      { version: '004', name: 'd', what: 'edited', paths: ['m/004_d.up.sql'], state: 'applied' },
      { version: '005', name: 'e', what: 'missing', paths: [], state: 'unfinished' },
    ],
  };
  expect(repairText(outcome)).toBe(
    [
      'recorded the checksums of 002_b as it is now; what the ledger said before is in drydock.ledger_repairs',
      'forgot 003_c; what the ledger said before is in drydock.ledger_repairs',
      'still different in 2 places:',
      '  004_d: edited since it was applied',
      '    m/004_d.up.sql',
      '  005_e: its files are gone, and unfinished',
    ].join('\n'),
  );
  expect(repairText({ repaired: [], left: [] })).toBe('files and ledger agree');
});
