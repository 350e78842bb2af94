import { describe, expect, it } from 'vitest';
import type { MigrationStatus, MigratorStatus } from '../../../src/model/migrator-status.ts';
import { dryRunText } from '../../../src/report/migrator/dry-run-text.ts';
import { statusText } from '../../../src/report/migrator/status-text.ts';
import { verifyText } from '../../../src/report/migrator/verify-text.ts';

const claim = {
  token: '3',
  workflowId: 'communication/demo',
  runId: 'r1',
  namespace: 'default',
  operation: 'run',
  claimedAt: '2026-01-02T03:04:05.000Z',
};

const one = (version: string, name: string, changes: Partial<MigrationStatus> = {}): MigrationStatus => ({
  version,
  name,
  state: 'applied',
  appliedAt: '2026-01-02T03:04:05.678Z',
  durationMs: 12,
  appliedBy: 'anna@desk',
  runId: null,
  partsDone: 1,
  partsTotal: 1,
  undoing: false,
  edited: [],
  outOfOrder: false,
  ...changes,
});

const nothing = { appliedAt: null, durationMs: null, appliedBy: null, partsDone: null, partsTotal: null } as const;

const STATUS: MigratorStatus = {
  database: 'app@db:5432/app',
  schemas: ['communication'],
  migrations: [
    one('001', 'schema'),
    one('002', 'channels', { state: 'missing' }),
    one('003', 'index', { state: 'unfinished', appliedAt: null, partsDone: 1, partsTotal: 2 }),
    one('004', 'undone', { state: 'unfinished', appliedAt: null, partsDone: 0, undoing: true }),
    one('005', 'participants', { state: 'pending', ...nothing }),
  ],
  tables: ['communication.channels', 'communication.templates'],
  drift: { kind: 'none' },
  claim,
  problems: [
    {
      code: 'migration-file-missing',
      message: '002_channels is applied, but its files are not on disk',
      retry: 'stop',
    },
  ],
};

describe('status', () => {
  it('shows a line per migration, the tables, the claim and what stands in the way', () => {
    expect(statusText(STATUS)).toBe(
      [
        'database app@db:5432/app',
        '',
        '[x] 001 schema        applied 2026-01-02 03:04:05 UTC in 12 ms by anna@desk',
        '[x] 002 channels      applied 2026-01-02 03:04:05 UTC in 12 ms by anna@desk; its files are not on disk',
        '[ ] 003 index         unfinished: 1 of 2 parts',
        '[ ] 004 undone        unfinished: its rollback was cut off',
        '[ ] 005 participants',
        '',
        'tables: communication.channels, communication.templates',
        'the run communication/demo holds the claim on this database since 2026-01-02 03:04:05 UTC',
        '! migration-file-missing: 002_channels is applied, but its files are not on disk',
      ].join('\n'),
    );
  });

  it('says that there is no table', () => {
    expect(statusText({ ...STATUS, migrations: [], tables: [], claim: null, problems: [] })).toBe(
      'database app@db:5432/app\n\n\ntables in communication: none',
    );
  });
});

const LIMITS = {
  lockTimeoutMs: 500,
  totalMs: 120_000,
  concurrentLockTimeoutMs: 1_800_000,
  statementTimeoutMs: 900_000,
};

it('a dry run is SQL with the rest as comments', () => {
  const file = { upChecksum: 'aa', downChecksum: 'bb', partsDone: 0, touched: [], transaction: 'auto' } as const;
  const quiet = { locks: [], work: [], transaction: 'yes', undoable: 'yes', opaque: [] } as const;
  const build = {
    line: 2,
    kind: 'IndexStmt',
    summary: 'creates index i on a.b concurrently',
    locks: [{ table: 'a.b', mode: 'SHARE UPDATE EXCLUSIVE', because: 'named' }],
    work: [{ table: 'a.b', work: 'index build' }],
    transaction: 'no',
    undoable: 'yes',
    opaque: [],
  } as const;
  const statements = [
    { line: 1, kind: 'CreateStmt', effects: { line: 1, kind: 'CreateStmt', summary: 'creates table a.b', ...quiet } },
    { line: 2, kind: 'CreateStmt', effects: { line: 2, kind: 'CreateStmt', summary: 'creates table a.c', ...quiet } },
  ];
  const text = dryRunText({
    database: 'app@db:5432/app',
    onDisk: 3,
    withoutMirror: 0,
    repeatable: 0,
    applied: 1,
    pending: [
      {
        ...file,
        version: '002',
        name: 'a',
        path: 'm/002_a.up.sql',
        downPath: 'm/002_a.down.sql',
        sql: 'create …;\n',
        parts: [{ kind: 'transaction', lockPolicy: 'free', statements }],
      },
      {
        ...file,
        version: '003',
        name: 'b',
        path: 'm/003_b.up.sql',
        downPath: 'm/003_b.down.sql',
        sql: 'create …;\ncreate index concurrently …;\n',
        transaction: 'none',
        parts: [
          { kind: 'transaction', lockPolicy: 'free', statements: [{ line: 1, kind: 'CreateStmt', effects: null }] },
          { kind: 'alone', lockPolicy: 'patient', statements: [{ line: 2, kind: 'IndexStmt', effects: build }] },
        ],
        partsDone: 1,
        touched: [{ table: 'a.b', rows: 1_234_567, bytes: 356_515_840 }],
      },
    ],
    limits: LIMITS,
    touched: [{ table: 'a.b', rows: 1_234_567, bytes: 356_515_840 }],
    problems: [],
  });
  expect(text).toBe(
    [
      '-- dry run on app@db:5432/app: read-only, nothing is changed',
      '-- 3 migrations on disk, each with its mirror; 1 applied, none of them edited since; 2 to apply, in this order',
      '',
      '-- 1 of 2: m/002_a.up.sql',
      '-- sha256 aa',
      '-- mirror m/002_a.down.sql',
      '-- sha256 bb',
      '-- one transaction of 2 statements (free: lock_timeout 500 ms)',
      '--   all of them make nobody wait and touch no rows that are there',
      'create …;',
      '',
      '-- 2 of 2: m/003_b.up.sql',
      '-- sha256 aa',
      '-- mirror m/003_b.down.sql',
      '-- sha256 bb',
      '-- 2 parts, statement by statement as the file asks: a transaction of 1 statement from line 1 (done), a statement outside a transaction from line 2 (patient: lock_timeout 30 min)',
      '--   line 2: creates index i on a.b concurrently · SHARE UPDATE EXCLUSIVE on a.b (1.2 M rows, 340 MB) · builds an index from all rows of a.b · outside a transaction',
      'create …;',
      'create index concurrently …;',
    ].join('\n'),
  );
});

it.each([
  [{ onDisk: 3, withoutMirror: 0, repeatable: 0 }, '3 migrations on disk, each with its mirror'],
  [{ onDisk: 3, withoutMirror: 2, repeatable: 0 }, '3 migrations on disk, 2 of them without a mirror'],
  [{ onDisk: 3, withoutMirror: 3, repeatable: 0 }, '3 migrations on disk, all of them without a mirror'],
  [{ onDisk: 1, withoutMirror: 1, repeatable: 0 }, '1 migration on disk, without a mirror'],
  [{ onDisk: 4, withoutMirror: 0, repeatable: 1 }, '4 migrations on disk, 1 of them repeatable'],
  [
    { onDisk: 4, withoutMirror: 1, repeatable: 2 },
    '4 migrations on disk, 1 of them without a mirror, 2 of them repeatable',
  ],
])('a dry run says how many have no mirror: %o', (counts, said) => {
  const run = {
    database: 'app@db:5432/app',
    ...counts,
    applied: 0,
    pending: [],
    limits: LIMITS,
    touched: [],
    problems: [],
  };
  expect(dryRunText(run).split('\n')[1]).toBe(`-- ${said}; 0 applied; 0 to apply`);
});

it('verify shows a line per check, and the way out under one that failed', () => {
  const measuredAt = '2026-01-02T03:04:05.678Z';
  const text = verifyText([
    {
      id: 'tables',
      title: 'Every table exists',
      outcome: { status: 'passed', summary: '2 statements as expected', evidence: [], measuredAt },
    },
    {
      id: 'indexes',
      title: 'The indexes exist',
      outcome: {
        status: 'failed',
        summary: 'indexes: 1 statement of 1 not as expected',
        evidence: [],
        measuredAt,
        problem: {
          code: 'validation-failed',
          message: 'm',
          found: 'no rows',
          expected: 'exactly 1 row',
          next: 'run migrate',
          retry: 'stop',
        },
      },
    },
  ]);
  expect(text).toBe(
    [
      '✓ Every table exists [tables]: 2 statements as expected',
      '✗ The indexes exist [indexes]: indexes: 1 statement of 1 not as expected',
      '    found:      no rows',
      '    expected:   exactly 1 row',
      '    next:       run migrate',
      '',
      '1 of 2 checks failed',
    ].join('\n'),
  );
});
