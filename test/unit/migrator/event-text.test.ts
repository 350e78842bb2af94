/** Every event of a migrator as a line of the terminal. */
import { expect, it } from 'vitest';
import type { Blocker, LockHolder } from '../../../src/model/backend.ts';
import type { MigratorEvent } from '../../../src/model/migrator-event.ts';
import { eventText } from '../../../src/report/migrator/event-text.ts';

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
  [
    { kind: 'loss-not-counted', line: 2 },
    '  line 2 of the mirror commits by itself: what it drops is neither counted nor saved, as was asked for',
  ],
  [{ kind: 'migration-reverted', migration, of: 'applied', durationMs: 1_500 }, 'rolled back 007_recipients in 1.5 s'],
  [{ kind: 'migration-reverted', migration, of: 'unfinished', durationMs: 3 }, 'cleared 007_recipients in 3 ms'],
  [{ kind: 'nothing-to-do', why: 'all-applied' }, 'nothing to do: every migration is applied'],
  [{ kind: 'nothing-to-do', why: 'none-applied' }, 'nothing to roll back: no migration is applied'],
];

it.each(EVENTS)('event %o', (event, text) => {
  expect(eventText(event)).toBe(text);
});
