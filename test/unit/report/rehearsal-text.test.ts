/** A rehearsal as it is read: on the terminal, in Markdown, and while it is under way. */
import { expect, test } from 'vitest';
import { type Rehearsal, type RehearsedMigration, rehearsalVerdict } from '../../../src/model/rehearsal.ts';
import type { RehearsalEvent } from '../../../src/model/rehearsal-event.ts';
import { rehearsalMarkdown } from '../../../src/report/migrator/rehearsal-document.ts';
import { rehearsalEventText } from '../../../src/report/migrator/rehearsal-event-text.ts';
import { rehearsalText } from '../../../src/report/migrator/rehearsal-text.ts';

const done = (durationMs: number) => ({
  outcome: 'done' as const,
  durationMs,
  observed: { locks: [], rewritten: [], alone: 0 },
});
const migration = (version: string, name: string, more: Partial<RehearsedMigration> = {}): RehearsedMigration => ({
  version,
  name,
  upChecksum: 'a'.repeat(64),
  downChecksum: 'b'.repeat(64),
  up: done(12),
  down: done(8),
  upAgain: done(11),
  mirrors: 'yes',
  differences: [],
  ...more,
});

const REHEARSAL: Rehearsal = {
  version: 1,
  id: '7d1f',
  verdict: 'does-not-mirror',
  target: 'app@db.internal:5432/shop',
  targetServer: '17.2',
  place: 'embedded',
  server: 'postgres@127.0.0.1:40001',
  serverVersion: '15.18',
  notes: ['the rehearsal ran on PostgreSQL 15.18, the target is 17.2'],
  schemaFrom: {
    kind: 'dump',
    owners: 'left out',
    lacking: [{ what: 'EXTENSION postgis', why: 'extension "postgis" is not available' }],
  },
  likeTarget: { kind: 'differs', lines: ['missing: table public.places'] },
  scope: 'pending',
  madeHere: ['app.fresh'],
  migrations: [
    migration('011', 'wider', {
      up: {
        outcome: 'done',
        durationMs: 12,
        observed: {
          locks: [
            { table: 'app.fresh', mode: 'ACCESS EXCLUSIVE' },
            { table: 'app.orders', mode: 'ACCESS EXCLUSIVE' },
            { table: 'app.people', mode: 'SHARE ROW EXCLUSIVE' },
            { table: 'app.read', mode: 'ACCESS SHARE' },
          ],
          rewritten: ['app.orders', 'app.orders_pkey'],
          alone: 0,
        },
      },
    }),
    migration('012', 'index', {
      up: { outcome: 'done', durationMs: 1_200, observed: { locks: [], rewritten: [], alone: 1 } },
      mirrors: 'no',
      differences: [
        'not there before: index app.orders_day',
        'changed: table app.orders\n  before: owner app\n  now:    owner app comment',
      ],
    }),
  ],
  differencesAtEnd: [],
  problems: [],
  planDigest: 'c0ffee'.repeat(10).padEnd(64, '0'),
  takenAt: '2026-11-22T14:03:07.123Z',
  takenBy: 'kim@workstation',
  durationMs: 2_400,
  drydockVersion: '0.1.0',
};

test('on the terminal: verdict first, then a line for each migration, then what did not fit', () => {
  expect(
    rehearsalText(REHEARSAL),
  ).toBe(`does not mirror: the down file of 012_index does not bring back what was there before

target     app@db.internal:5432/shop, PostgreSQL 17.2
rehearsed  on a server of this machine, started for it, from the target's own schema, without its owners and privileges
like it    no: 1 object differs from the target, see below
rows       none: how long it takes on tables with rows is not known from this
note       the rehearsal ran on PostgreSQL 15.18, the target is 17.2
by         kim@workstation at 2026-11-22 14:03:07 UTC, in 2.4 s

✓ 011_wider  up 12 ms     down 8 ms    mirrors
    up   locks app.orders: ACCESS EXCLUSIVE, blocks reads and writes
    up   locks app.people: SHARE ROW EXCLUSIVE, blocks writes
    up   writes anew app.orders, app.orders_pkey
✗ 012_index  up 1.2 s     down 8 ms    does not mirror
    up   1 statement outside a transaction, locks not measured
    not there before: index app.orders_day
    changed: table app.orders
      before: owner app
      now:    owner app comment

not made in the throw-away database:
  EXTENSION postgis: extension "postgis" is not available

different from the target before the first migration:
    missing: table public.places`);
});

test('a stage that failed is the verdict, with its problem', () => {
  const failed: Rehearsal = {
    ...REHEARSAL,
    verdict: 'failed',
    migrations: [
      migration('011', 'wider', {
        up: { outcome: 'failed', durationMs: 3, observed: null },
        down: null,
        upAgain: null,
        mirrors: 'not tried',
      }),
    ],
    problems: [
      {
        code: 'migration-failed',
        message: 'applying 011_wider failed: column "day" does not exist',
        found: 'migrations/011_wider.up.sql:1:8',
        retry: 'stop',
      },
    ],
    schemaFrom: { kind: 'files', stub: null, why: 'no pg_dump here reads PostgreSQL 17' },
    likeTarget: { kind: 'same' },
    notes: [],
  };
  const text = rehearsalText(failed);
  expect(text.split('\n')[0]).toBe('failed: applying 011_wider failed: column "day" does not exist');
  expect(text).toContain(
    'from files, not from the target: objects made by hand are not in it (no pg_dump here reads PostgreSQL 17)',
  );
  expect(text).toContain(`✗ 011_wider  up failed    down –       not tried

what failed:
  migration-failed: applying 011_wider failed: column "day" does not exist
    found:      migrations/011_wider.up.sql:1:8`);
});

test('in Markdown the same facts are tables', () => {
  const markdown = rehearsalMarkdown(REHEARSAL);
  expect(markdown).toContain('# Rehearsal for app@db.internal:5432/shop');
  expect(markdown).toContain(
    '**does not mirror**: the down file of 012_index does not bring back what was there before. It holds for the plan c0ffeec0ffee.',
  );
  expect(markdown).toContain('| `012_index` | 1.2 s | 8 ms | does not mirror | 11 ms |');
  expect(markdown).toContain(
    '## What the rollback of 012_index does not bring back\n\n- not there before: index app.orders_day',
  );
});

test.each<[RehearsalEvent, string]>([
  [{ kind: 'leftovers-dropped', names: ['a', 'b'] }, 'dropped what killed rehearsals had left: a, b'],
  [
    { kind: 'rehearsal-began', place: 'other-server', database: 'x', serverVersion: '16.1' },
    'rehearsing on another server, PostgreSQL 16.1, in x',
  ],
  [{ kind: 'schema-ready', from: 'dump', lacking: 2 }, "the target's own schema is there, without 2 of its objects"],
  [{ kind: 'schema-ready', from: 'files', lacking: 0 }, 'a schema made from the files is there'],
  [
    { kind: 'rehearsed', stage: 'up again', migration: { version: '011', name: 'wider' }, durationMs: 12 },
    '  up again 011_wider in 12 ms',
  ],
  [
    {
      kind: 'stage-failed',
      stage: 'down',
      migration: { version: '011', name: 'wider' },
      problem: { code: 'migration-failed', message: 'rolling back 011_wider failed', retry: 'stop' },
    },
    '  down     011_wider failed: rolling back 011_wider failed',
  ],
  [{ kind: 'rehearsal-database-dropped', database: 'x' }, 'dropped x'],
])('%j in words', (event, words) => {
  expect(rehearsalEventText(event)).toBe(words);
});

test('the verdict is the worst that was found', () => {
  const base = { problems: [], migrations: [migration('1', 'a')], differencesAtEnd: [] };
  expect(rehearsalVerdict(base)).toBe('mirrors');
  expect(rehearsalVerdict({ ...base, migrations: [migration('1', 'a', { mirrors: 'no down file' })] })).toBe(
    'does-not-mirror',
  );
  expect(rehearsalVerdict({ ...base, differencesAtEnd: ['x'] })).toBe('does-not-mirror');
  expect(rehearsalVerdict({ ...base, problems: [{ code: 'a', message: 'b', retry: 'stop' }] })).toBe('failed');
});
