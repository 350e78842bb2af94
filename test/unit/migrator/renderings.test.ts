import { describe, expect, it } from 'vitest';
import { withExactCommands } from '../../../src/cli/exact-commands.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import type { Blocker, LockHolder } from '../../../src/model/backend.ts';
import type { MigratorEvent } from '../../../src/model/migrator-event.ts';
import type { MigrationStatus, MigratorStatus } from '../../../src/model/migrator-status.ts';
import { dryRunText } from '../../../src/report/migrator/dry-run-text.ts';
import { eventText } from '../../../src/report/migrator/event-text.ts';
import { statusText } from '../../../src/report/migrator/status-text.ts';
import { verifyText } from '../../../src/report/migrator/verify-text.ts';

const migration = { version: '007', name: 'recipients' };
const backend = {
  pid: 42,
  application: 'billing',
  user: 'app',
  address: '10.0.0.5',
  state: 'idle in transaction',
  ageSeconds: 12.5,
};
const blocker: Blocker = {
  ...backend,
  wanted: 'AccessExclusiveLock on core.users',
  holds: 'AccessShareLock',
  waitsFor: null,
  prepared: null,
};
const holder: LockHolder = { ...backend, mode: 'ExclusiveLock', buildsIndex: false, isOlder: true };
const claim = {
  token: '3',
  workflowId: 'communication/demo',
  runId: 'r1',
  namespace: 'default',
  operation: 'run',
  claimedAt: '2026-01-02T03:04:05.000Z',
};
const tables = [
  { table: 'app.a', rows: 1 },
  { table: 'app.b', rows: 20 },
];

const EVENTS: readonly (readonly [MigratorEvent, string])[] = [
  [
    { kind: 'waiting-for-migrator', holders: [holder], waitedMs: 5_100 },
    'waiting for another migrator, 5.1 s so far:\n    pid 42 (billing, user app, from 10.0.0.5, idle in transaction, for 12.5 s)',
  ],
  [
    { kind: 'orphan-ended', holder },
    'ended the backend of an earlier attempt: pid 42 (billing, user app, from 10.0.0.5, idle in transaction, for 12.5 s)',
  ],
  [{ kind: 'stale-claim', holder: claim }, 'passing by the claim of communication/demo, run r1: that run is over'],
  [{ kind: 'migrations-pending', pending: [migration], applied: 6 }, '1 migration to apply, 6 applied already'],
  [{ kind: 'migration-started', migration, parts: 1, resumedAt: null }, 'applying 007_recipients'],
  [{ kind: 'migration-started', migration, parts: 3, resumedAt: null }, 'applying 007_recipients (3 parts)'],
  [
    { kind: 'migration-started', migration, parts: 3, resumedAt: 1 },
    'going on with 007_recipients: 1 of 3 parts are done',
  ],
  [{ kind: 'part-finished', migration, part: 1, parts: 3 }, '  007_recipients: part 2 of 3 done'],
  [
    {
      kind: 'lock-timeout',
      doing: 'applying 007_recipients',
      attempt: 2,
      blockers: [blocker],
      queuedBehind: 0,
      pauseMs: 250,
    },
    '  applying 007_recipients: try 2 got no lock; again in 250 ms:\n    pid 42 (billing, user app, from 10.0.0.5, idle in transaction, for 12.5 s) holds AccessShareLock, we want AccessExclusiveLock on core.users',
  ],
  [
    { kind: 'lock-timeout', doing: 'applying 007_recipients', attempt: 1, blockers: [], queuedBehind: 0, pauseMs: 90 },
    '  applying 007_recipients: try 1 got no lock; again in 90 ms',
  ],
  [
    {
      kind: 'waiting-for-sessions',
      doing: 'building i',
      blockers: [{ ...blocker, wanted: null, holds: null }],
      queuedBehind: 0,
    },
    '  building i: waiting for other sessions:\n    pid 42 (billing, user app, from 10.0.0.5, idle in transaction, for 12.5 s)',
  ],
  [
    { kind: 'lock-timeout', doing: 'applying 007_recipients', attempt: 2, blockers: [], queuedBehind: 1, pauseMs: 90 },
    '  applying 007_recipients: try 2 got no lock; again in 90 ms; 1 session waiting behind us',
  ],
  [
    {
      kind: 'waiting-for-sessions',
      doing: 'building i',
      blockers: [
        { ...blocker, holds: null, waitsFor: 'ShareLock' },
        { ...blocker, pid: 0, prepared: "it's", wanted: null, holds: null },
      ],
      queuedBehind: 3,
    },
    "  building i: waiting for other sessions; 3 sessions waiting behind us:\n    pid 42 (billing, user app, from 10.0.0.5, idle in transaction, for 12.5 s) waits for ShareLock before us, we want AccessExclusiveLock on core.users\n    prepared transaction 'it''s' (user app, for 12.5 s; end it by COMMIT PREPARED or ROLLBACK PREPARED)",
  ],
  [
    { kind: 'blocker-cancelled', doing: 'applying 007_recipients', blocker, waitedMs: 10_000 },
    '  applying 007_recipients: cancelled, as the allow list says, after 10 s:\n    pid 42 (billing, user app, from 10.0.0.5, idle in transaction, for 12.5 s) holds AccessShareLock, we want AccessExclusiveLock on core.users',
  ],
  [
    { kind: 'blocker-spared', doing: 'applying 007_recipients', blocker, why: 'no-right' },
    '  applying 007_recipients: on the allow list, but left alone, because this role may not see or end it (grant it pg_read_all_stats and pg_signal_backend):\n    pid 42 (billing, user app, from 10.0.0.5, idle in transaction, for 12.5 s) holds AccessShareLock, we want AccessExclusiveLock on core.users',
  ],
  [
    {
      kind: 'limit-kept',
      doing: 'applying 007_recipients',
      line: 3,
      setting: 'statement_timeout',
      asked: '2h',
      keptMs: 900_000,
    },
    '  applying 007_recipients: line 3 asks for statement_timeout = 2h; 15 min is kept',
  ],
  [
    { kind: 'limit-not-held', doing: 'applying 007_recipients', line: 9, setting: 'lock_timeout' },
    '  applying 007_recipients: the block in line 9 sets lock_timeout by itself: our limit does not hold inside it',
  ],
  [
    { kind: 'statement-done-already', doing: 'applying 007_recipients', line: 3, how: 'found' },
    '  applying 007_recipients: line 3 is done already: found in the database',
  ],
  [
    { kind: 'statement-done-already', doing: 'applying 007_recipients', line: 3, how: 'assumed' },
    '  applying 007_recipients: line 3 is taken as done, as was asked for',
  ],
  [
    {
      kind: 'build-progress',
      doing: 'applying 007_recipients',
      build: {
        index: 'app.i',
        table: 'app.t',
        command: 'CREATE INDEX CONCURRENTLY',
        phase: 'waiting for old snapshots',
        percent: 97,
        lockersTotal: 2,
        lockersDone: 1,
      },
    },
    '  index app.i: 97 %, waiting for old snapshots, 1 of 2 sessions done',
  ],
  [
    { kind: 'waiting-for-build', index: 'app.i', pid: 42 },
    '  index app.i is being built by pid 42: waiting until it is done',
  ],
  [
    { kind: 'index-adopted', index: 'app.i' },
    '  index app.i was built to the end by an earlier attempt: taken as it is',
  ],
  [{ kind: 'debris-dropped', index: 'app.i' }, '  INVALID index app.i, left by a build that was cut off: dropped'],
  [{ kind: 'migration-applied', migration, durationMs: 12 }, 'applied 007_recipients in 12 ms'],
  [{ kind: 'already-applied', migration }, '007_recipients is applied already'],
  [{ kind: 'rollback-started', migration, of: 'applied' }, 'rolling back 007_recipients'],
  [
    { kind: 'rollback-started', migration, of: 'unfinished' },
    '007_recipients is unfinished: clearing what it left; no applied migration is rolled back',
  ],
  [
    { kind: 'statement-skipped', line: 4, reason: 'table "x" does not exist' },
    '  line 4 of the mirror skipped: table "x" does not exist',
  ],
  [
    { kind: 'rows-at-stake', migration, tables: [...tables, { table: 'app.c', rows: 2, columns: ['x', 'y'] }] },
    '  rolling back 007_recipients loses what is in:\n    app.a: 1 row\n    app.b: 20 rows\n    app.c: 2 rows with a value in x, y',
  ],
  [
    {
      kind: 'rows-saved',
      directory: '/saved/x',
      method: 'copy',
      restore: 'psql "$URL" -f /saved/x/restore.sql',
      tables,
    },
    '  saved to /saved/x; to put it back, once migrated again:\n    psql "$URL" -f /saved/x/restore.sql',
  ],
  [
    { kind: 'rows-not-saved', tables },
    '  rows dropped without saving them, as was asked for:\n    app.a: 1 row\n    app.b: 20 rows',
  ],
  [{ kind: 'migration-reverted', migration, of: 'applied', durationMs: 1_500 }, 'rolled back 007_recipients in 1.5 s'],
  [{ kind: 'migration-reverted', migration, of: 'unfinished', durationMs: 3 }, 'cleared 007_recipients in 3 ms'],
  [{ kind: 'nothing-to-do', why: 'all-applied' }, 'nothing to do: every migration is applied'],
  [{ kind: 'nothing-to-do', why: 'none-applied' }, 'nothing to roll back: no migration is applied'],
];

it.each(EVENTS)('event %o', (event, text) => {
  expect(eventText(event)).toBe(text);
});

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

describe('the way out of a problem', () => {
  const invocation = {
    program: 'pnpm tsx cli.ts',
    commands: ['status', 'migrate', 'rollback'],
    where: '--url $URL',
    called: 'migrate',
  };
  const next = (text: string) =>
    withExactCommands({ code: 'c', message: 'm', next: text, retry: 'stop' }, invocation).next;

  it('names whole commands, without the URL', () => {
    expect(next('run `rollback` first, then `migrate --dry-run`')).toBe(
      'run pnpm tsx cli.ts rollback --url $URL first, then pnpm tsx cli.ts migrate --dry-run --url $URL',
    );
    expect(next('then run the same command again')).toBe('then run pnpm tsx cli.ts migrate --url $URL again');
    expect(next('run the same command with --allow-data-loss')).toBe(
      'run pnpm tsx cli.ts migrate --allow-data-loss --url $URL',
    );
  });

  it('leaves alone what is no command of this program', () => {
    expect(next('set `work_mem`')).toBe('set `work_mem`');
  });
});

it('what was refused ends with 2, what failed with 1', () => {
  expect(['usage', 'claim-held', 'migration-edited', 'pooled-connection'].map((code) => exitCodeOf({ code }))).toEqual([
    2, 2, 2, 2,
  ]);
  expect(
    ['migration-failed', 'lock-timeout', 'database-unreachable', 'interrupted'].map((code) => exitCodeOf({ code })),
  ).toEqual([1, 1, 1, 1]);
});
