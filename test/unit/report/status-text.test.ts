import { describe, expect, it } from 'vitest';
import type { ObjectDifference, UnknownDrift } from '../../../src/model/drift.ts';
import type { MigrationStatus, MigratorStatus } from '../../../src/model/migrator-status.ts';
import { differenceCount, differenceLines, unknownDriftText } from '../../../src/report/migrator/drift-text.ts';
import { fingerprintText } from '../../../src/report/migrator/fingerprint-text.ts';
import { lineDiff, wordDiff } from '../../../src/report/migrator/line-diff.ts';
import { statusText } from '../../../src/report/migrator/status-text.ts';
import { wouldLoseText } from '../../../src/report/migrator/would-lose-text.ts';

const migration = (version: string, changes: Partial<MigrationStatus> = {}): MigrationStatus => ({
  version,
  name: 'x',
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
const pending = {
  state: 'pending',
  appliedAt: null,
  durationMs: null,
  appliedBy: null,
  partsDone: null,
  partsTotal: null,
} as const;

const status = (changes: Partial<MigratorStatus>): MigratorStatus => ({
  database: 'app@db:5432/app',
  schemas: ['app'],
  migrations: [],
  tables: ['app.a'],
  drift: { kind: 'none' },
  claim: null,
  problems: [],
  ...changes,
});

const difference = (
  change: ObjectDifference['change'],
  kind: string,
  id: string,
  more: Partial<ObjectDifference> = {},
) => ({
  change,
  kind,
  id,
  table: 'app.a',
  before: change === 'added' ? null : 'old',
  now: change === 'missing' ? null : 'new',
  ...more,
});

const DIFFERENCES: readonly ObjectDifference[] = [
  difference('missing', 'column', 'app.a.x'),
  difference('changed', 'index', 'app.a_y'),
  difference('added', 'table', 'app.b', { table: 'app.b' }),
  difference('added', 'column', 'app.b.id', { table: 'app.b' }),
  difference('added', 'policy', 'app.b.p', { table: 'app.b' }),
  difference('added', 'policy', 'app.b.q', { table: 'app.b' }),
  difference('changed', 'function', 'app.f()', { table: null, before: 'a\nb\nc\nd', now: 'a\nb\nx\nd' }),
];

describe('status', () => {
  it('says which files were edited, and what is out of order, at the migration', () => {
    const migrations = [
      migration('001', { edited: ['down'] }),
      migration('002', { edited: ['up', 'down'] }),
      migration('003', { ...pending, outOfOrder: true }),
      migration('004'),
    ];
    expect(statusText(status({ migrations }))).toBe(
      [
        'database app@db:5432/app',
        '',
        '[x] 001 x  applied 2026-01-02 03:04:05 UTC in 12 ms by anna@desk; its down file was edited since',
        '[x] 002 x  applied 2026-01-02 03:04:05 UTC in 12 ms by anna@desk; both its files were edited since',
        '[ ] 003 x  out of order: a later one is applied',
        '[x] 004 x  applied 2026-01-02 03:04:05 UTC in 12 ms by anna@desk',
        '',
        'tables: app.a',
      ].join('\n'),
    );
  });

  it('lists what was changed by hand, with what differs', () => {
    expect(
      statusText(status({ drift: { kind: 'drifted', differences: DIFFERENCES } }))
        .split('\n')
        .slice(4),
    ).toEqual([
      'changed by hand since the last run, 7 objects differ: 1 missing, 4 added, 2 changed',
      '  app.a: column x was dropped',
      '  app.a: index app.a_y was changed',
      '    before: old',
      '    now:    new',
      '  table app.b was added, with 1 column, 2 policies',
      '  function app.f() was changed',
      '    @@ line 2',
      '      b',
      '    - c',
      '    + x',
      '      d',
    ]);
  });

  it('cuts a long list', () => {
    const differences = Array.from({ length: 30 }, (_, index) => difference('missing', 'column', `app.a.c${index}`));
    const lines = statusText(status({ drift: { kind: 'drifted', differences } })).split('\n');
    expect(lines).toHaveLength(26);
    expect(lines.at(-1)).toBe('  … 10 lines more: see `diff`');
  });

  it.each([
    ['never-kept', 'changes by hand: not known; the last run kept no picture of the schema; the next one does'],
    [
      'cut-off',
      'changes by hand: not known; a run was cut off, or is at work, so changes by hand cannot be told from its own',
    ],
  ] as const)('says why it does not know: %s', (why, line) => {
    expect(statusText(status({ drift: { kind: 'unknown', why } }))).toContain(`\n${line}`);
  });

  it('says nothing of changes where nothing is applied', () => {
    expect(statusText(status({ drift: { kind: 'unknown', why: 'no-ledger' } }))).not.toContain('changes');
    const every: UnknownDrift[] = ['no-ledger', 'never-kept', 'cut-off', 'other-version', 'other-server'];
    expect(new Set(every.map(unknownDriftText)).size).toBe(5);
  });
});

it('what differs is worded by what the two sides are', () => {
  const first = (sides: Parameters<typeof differenceLines>[1]) =>
    differenceLines(DIFFERENCES, sides).filter((line) => /^(app\.a|table)/.test(line));
  expect(first({ kind: 'files-and-database' })).toEqual([
    'app.a: column x is missing',
    'app.a: index app.a_y differs',
    'table app.b is made by no migration, with 1 column, 2 policies',
  ]);
  expect(first({ kind: 'two', before: 'OLD', now: 'NEW' })).toEqual([
    'app.a: column x is only in OLD',
    'app.a: index app.a_y differs',
    'table app.b is only in NEW, with 1 column, 2 policies',
  ]);
  expect(differenceCount(DIFFERENCES.slice(0, 1))).toBe('1 object differs: 1 missing');
});

it('a long definition is cut to the words that differ', () => {
  const words = (middle: string) => `${'a '.repeat(60)}${middle} ${'z '.repeat(60)}`.trim();
  expect(wordDiff(words('one'), words('two three'))).toEqual([
    '… a a a a one z z z z …',
    '… a a a a two three z z z z …',
  ]);
  expect(wordDiff('short one', 'short two')).toEqual(['short one', 'short two']);
});

it('a line diff shows every place with a line around it', () => {
  const numbered = Array.from({ length: 9 }, (_, index) => `line ${index + 1}`);
  const changed = numbered.with(1, 'two').toSpliced(7, 1);
  expect(lineDiff(numbered.join('\n'), changed.join('\n'))).toEqual([
    '@@ line 1',
    '  line 1',
    '- line 2',
    '+ two',
    '  line 3',
    '@@ line 7',
    '  line 7',
    '- line 8',
    '  line 9',
  ]);
  expect(lineDiff('same\ntext', 'same\ntext')).toEqual([]);
});

it('a fingerprint is shown short and in full, with what it is made of', () => {
  const objects = [
    { kind: 'column', id: 'app.a.id', definition: 'number 1 integer' },
    { kind: 'column', id: 'app.a.x', definition: 'number 2 text' },
    { kind: 'index', id: 'app.i', definition: 'CREATE INDEX i\n  ON app.a' },
  ];
  const taken = {
    database: 'app@db:5432/app',
    schemas: ['app'],
    server: 15,
    digest: '0123456789abcdef0123',
    takenAt: '2026-01-02T03:04:05.678Z',
    objects,
  };
  expect(fingerprintText(taken, 'every-object')).toBe(
    [
      'fingerprint 0123456789ab of app in app@db:5432/app',
      'sha256 0123456789abcdef0123',
      '3 objects: 2 columns, 1 index',
      '',
      'column app.a.id: number 1 integer',
      'column app.a.x: number 2 text',
      'index app.i: CREATE INDEX i / ON app.a',
    ].join('\n'),
  );
  expect(
    fingerprintText({ ...taken, objects: [] }, 'counts')
      .split('\n')
      .at(-1),
  ).toBe('0 objects');
});

it('what a rollback would lose is told step by step', () => {
  const steps = [
    {
      migration: { version: '003', name: 'x' },
      downPath: 'm/003_x.down.sql',
      tables: [{ table: 'app.t', rows: 1, columns: ['x'] }],
    },
    { migration: { version: '002', name: 'i' }, downPath: 'm/002_i.down.sql', tables: [] },
    { migration: { version: '001', name: 't' }, downPath: 'm/001_t.down.sql', tables: [{ table: 'app.t', rows: 20 }] },
  ];
  expect(wouldLoseText(steps)).toBe(
    [
      '003_x would be rolled back by m/003_x.down.sql, and lose:',
      '    app.t: 1 row with a value in x',
      '002_i would be rolled back by m/002_i.down.sql; no row would be lost',
      '001_t would be rolled back by m/001_t.down.sql, and lose:',
      '    app.t: 20 rows',
      '',
      'nothing was changed; the rollback saves these rows first',
    ].join('\n'),
  );
  expect(wouldLoseText(steps.slice(1, 2)).split('\n').at(-1)).toBe('nothing was changed');
  expect(wouldLoseText([])).toBe('nothing to roll back: no migration is applied');
});
