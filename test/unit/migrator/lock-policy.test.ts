import { describe, expect, it } from 'vitest';
import { type ProgressRow, percentOf, progressTeller } from '../../../src/migrator/build-progress.ts';
import { DEFAULT_LOCK_POLICY, lockPolicyOf, policyFor } from '../../../src/migrator/lock-policy.ts';
import { keepLimits } from '../../../src/migrator/locks/limited-script.ts';
import { kindsInTransaction } from '../../../src/migrator/locks/part-kind.ts';
import { scriptOf } from '../../../src/migrator/script.ts';
import { analyseFile } from '../../../src/migrator/statements.ts';
import type { Blocker } from '../../../src/model/backend.ts';
import { type BlockerRule, dueAct, ruleFor } from '../../../src/model/blocker-rule.ts';

const analysed = (sql: string) => analyseFile({ path: 'f.sql', sql, checksum: '' });
const kindsOf = async (sql: string) => kindsInTransaction((await analysed(sql)).statements).join(' ');

describe('the kind of a part', () => {
  it.each([
    ['alter table t add column c int', 'blocking'],
    ['create index i on t (a)', 'blocking'],
    ['create table n (id int references t)', 'blocking'],
    ['create table n (id int, foreign key (id) references t)', 'blocking'],
    ['create table n (like t)', 'free'],
    ['create table n partition of t for values in (1)', 'blocking'],
    ['create table n (id int); create index i on n (id); alter table n add unique (id)', 'free free free'],
    ['create table n (id int); alter table n add foreign key (id) references t', 'free blocking'],
    ['create table if not exists n (id int); alter table n add column c int', 'free blocking'],
    ['create table a (id int primary key); create table b (id int references a)', 'free free'],
    ['drop table t', 'blocking'],
    ['create trigger g after insert on t for each row execute function f()', 'blocking'],
    ['create or replace view v as select 1', 'blocking'],
    ['create view v as select 1', 'free'],
    ['alter table t validate constraint c', 'patient'],
    ['analyze t', 'patient'],
    ['refresh materialized view m', 'blocking'],
    ['insert into t values (1); update t set a = 1; delete from t; select f()', 'data data data data'],
    ['comment on table t is $$x$$; create schema s; grant select on t to public', 'free free free'],
    ['do $$ begin end $$', 'data'],
  ])('%s: %s', async (sql, kinds) => {
    expect(await kindsOf(sql)).toBe(kinds);
  });

  it.each([
    ['create index concurrently i on t (a)', 'patient'],
    ['drop index concurrently i', 'patient'],
    ['reindex table concurrently t', 'patient'],
    ['alter table t detach partition p concurrently', 'blocking'],
    ['vacuum t', 'patient'],
    ['vacuum (full) t', 'blocking'],
    ['reindex schema s', 'blocking'],
    ['alter table t validate constraint c', 'patient'],
    ['alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c', 'blocking'],
    ['analyze t; insert into t values (1)', 'data'],
  ])('by itself: %s is %s', async (sql, kind) => {
    const { parts } = await analysed(sql);
    expect(policyFor(DEFAULT_LOCK_POLICY, parts[0]!).kind).toBe(kind);
  });

  it('is told from each part by itself: what an earlier part has made is committed, and others may use it', async () => {
    const { parts } = await analysed('create table n (id int); vacuum n; alter table n add unique (id)');
    expect(parts.map((part) => policyFor(DEFAULT_LOCK_POLICY, part).kind)).toEqual(['free', 'patient', 'blocking']);
  });

  it('decides what it waits and how long it may run', async () => {
    const limits = async (sql: string) => {
      const { parts } = await analysed(sql);
      const { kind: _, ...rest } = policyFor(DEFAULT_LOCK_POLICY, parts[0]!);
      return rest;
    };
    expect(await limits('alter table t add c int')).toEqual({
      lockTimeoutMs: 500,
      totalMs: 120_000,
      statementTimeoutMs: 900_000,
    });
    // It comes back for as long as what is patient waits.
    expect(await limits('alter table t detach partition p concurrently')).toEqual({
      lockTimeoutMs: 500,
      totalMs: 1_800_000,
      statementTimeoutMs: 900_000,
    });
    expect(await limits('analyze t')).toEqual({
      lockTimeoutMs: 1_800_000,
      totalMs: 1_800_000,
      statementTimeoutMs: 0,
    });
  });

  it('is what a target asks for, where it asks', () => {
    expect(lockPolicyOf(undefined)).toEqual({});
    expect(lockPolicyOf({ lockTimeoutMs: 1, giveUpAfterMs: 2, statementTimeoutMs: 0, concurrentWaitMs: 4 })).toEqual({
      lockTimeoutMs: 1,
      totalMs: 2,
      statementTimeoutMs: 0,
      concurrentLockTimeoutMs: 4,
    });
  });
});

/** The text as sent, one line each, and what was told. */
async function kept(sql: string, session: 'fresh' | 'unknown' = 'fresh') {
  const { file, statements } = await analysed(sql);
  const { between, events } = keepLimits(DEFAULT_LOCK_POLICY, { doing: 'applying 1_x', statements, session });
  return { text: scriptOf({ before: [], file, statements, after: ['commit;'], between }).text.split('\n'), events };
}

describe('limits', () => {
  it('of a file that is like the session was started need nothing said', async () => {
    expect((await kept('alter table t add c int;')).text).toEqual(['alter table t add c int', ';commit;']);
  });

  it('are said for the rows, and taken back for what follows', async () => {
    expect((await kept('update t set a = 1;\nalter table t add c int;')).text).toEqual([
      'set local statement_timeout = 900000;',
      'update t set a = 1;',
      'set local statement_timeout = 0;',
      'alter table t add c int',
      ';commit;',
    ]);
  });

  it('that a file widens are said again, and that is told', async () => {
    const { text, events } = await kept("set lock_timeout = 0;\nset statement_timeout to '2h';\nupdate t set a = 1;");
    expect(text).toEqual([
      'set lock_timeout = 0;',
      'set local lock_timeout = 500;',
      "set statement_timeout to '2h';",
      'set local statement_timeout = 900000;',
      'update t set a = 1',
      ';commit;',
    ]);
    expect(events).toEqual([
      { kind: 'limit-kept', doing: 'applying 1_x', line: 1, setting: 'lock_timeout', asked: '0', keptMs: 500 },
      {
        kind: 'limit-kept',
        doing: 'applying 1_x',
        line: 2,
        setting: 'statement_timeout',
        asked: '2h',
        keptMs: 900_000,
      },
    ]);
  });

  it('that a file tightens are kept as it asks', async () => {
    const { text, events } = await kept("set local lock_timeout = '50ms';\nalter table t add c int;");
    expect(text).toEqual(["set local lock_timeout = '50ms';", 'alter table t add c int', ';commit;']);
    expect(events).toEqual([]);
  });

  it('are said again after a block, which may have changed them', async () => {
    const { text, events } = await kept('do $$ begin set lock_timeout = 0; end $$;\nalter table t add c int;');
    expect(text).toEqual([
      'set local statement_timeout = 900000;',
      'do $$ begin set lock_timeout = 0; end $$;',
      'set local lock_timeout = 500;',
      'set local statement_timeout = 0;',
      'alter table t add c int',
      ';commit;',
    ]);
    expect(events).toEqual([{ kind: 'limit-not-held', doing: 'applying 1_x', line: 1, setting: 'lock_timeout' }]);
  });

  it('of all tables of a file together are one lock timeout', async () => {
    const { text } = await kept('alter table a add c int;\nalter table b add c int;');
    expect(text).toEqual([
      'alter table a add c int;',
      "select pg_catalog.set_config('lock_timeout', greatest(50, 500 - (extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * 1000)::int)::text, true);",
      'alter table b add c int',
      ';set local lock_timeout = 500;',
      'commit;',
    ]);
  });

  it('are said where an earlier part may have changed them', async () => {
    expect((await kept('create table t ();', 'unknown')).text.slice(0, 2)).toEqual([
      'set local lock_timeout = 500;',
      'set local statement_timeout = 0;',
    ]);
  });

  it('said between statements leave the places of errors where they are', async () => {
    const sql = '-- ü\nupdate t set a = 1;\n/* b */ alter table t add c int;';
    const { file, statements } = await analysed(sql);
    const { between } = keepLimits(DEFAULT_LOCK_POLICY, { doing: '', statements, session: 'fresh' });
    const script = scriptOf({ before: ['begin;'], file, statements, after: [], between });
    const at = Array.from(script.text.slice(0, script.text.indexOf('alter'))).length;
    // Begin, our limit, the update, our limit.
    const { shift, statementStart } = script.source(4);
    expect(at + shift!).toBe(Array.from(sql).indexOf('l', sql.indexOf('alter')) - 1);
    expect(statementStart).toBe(sql.indexOf('alter'));
  });
});

const blocker: Blocker = {
  pid: 7,
  application: 'report-daily',
  user: 'reader',
  address: null,
  state: 'active',
  ageSeconds: 60,
  wanted: null,
  holds: null,
  waitsFor: null,
  prepared: null,
};
const rule: BlockerRule = { application: 'report-*', afterMs: 10_000, action: 'terminate', graceMs: 5_000 };

describe('the allow list', () => {
  it('names by application, by user or by both, exactly or by a beginning', () => {
    expect(ruleFor(blocker, [rule])).toBe(rule);
    expect(ruleFor({ ...blocker, application: 'my-report-daily' }, [rule])).toBeUndefined();
    expect(ruleFor(blocker, [{ ...rule, application: 'report' }])).toBeUndefined();
    expect(ruleFor(blocker, [{ ...rule, user: 'writer' }])).toBeUndefined();
    expect(ruleFor(blocker, [{ ...rule, user: 'read*' }])).toBeDefined();
    const { application: _, ...nameless } = rule;
    expect(ruleFor(blocker, [nameless])).toBeUndefined();
    expect(ruleFor({ ...blocker, user: null }, [{ ...nameless, user: 'reader' }])).toBeUndefined();
  });

  it.each([
    [{}, 9_999, null, 'nothing'],
    [{ ageSeconds: 9.9 }, 20_000, null, 'nothing'],
    [{ ageSeconds: null }, 20_000, null, 'nothing'],
    [{}, 10_000, null, 'cancel'],
    [{}, 12_000, 4_999, 'nothing'],
    [{}, 15_000, 5_000, 'terminate'],
    [{ state: 'idle in transaction' }, 10_000, null, 'terminate'],
  ] as const)('%j, waited %d ms, cancelled %s ms ago: %s', (more, waitedMs, cancelledMsAgo, act) => {
    expect(dueAct(rule, { blocker: { ...blocker, ...more }, waitedMs, cancelledMsAgo })).toBe(act);
  });

  it('that only cancels never ends a session, and knows that an idle one has nothing to cancel', () => {
    const mild: BlockerRule = { ...rule, action: 'cancel' };
    const idle = { ...blocker, state: 'idle in transaction' };
    expect(dueAct(mild, { blocker, waitedMs: 10_000, cancelledMsAgo: null })).toBe('cancel');
    expect(dueAct(mild, { blocker, waitedMs: 90_000, cancelledMsAgo: 80_000 })).toBe('nothing');
    expect(dueAct(mild, { blocker: idle, waitedMs: 90_000, cancelledMsAgo: null })).toBe('nothing');
  });

  it('never names everybody', () => {
    expect(ruleFor(blocker, [{ ...rule, application: '*' }])).toBeUndefined();
    expect(ruleFor({ ...blocker, application: '' }, [{ ...rule, application: '' }])).toBeUndefined();
  });
});

const row = (phase: string, more: Partial<ProgressRow> = {}): ProgressRow => ({
  index: 'app.i',
  table: 'app.t',
  command: 'CREATE INDEX CONCURRENTLY',
  phase,
  blocksDone: 0,
  blocksTotal: 0,
  tuplesDone: 0,
  tuplesTotal: 0,
  lockersDone: 0,
  lockersTotal: 0,
  ...more,
});

describe('the progress of a build', () => {
  it('is a percentage of all phases', () => {
    const half = { blocksDone: 50, blocksTotal: 100, tuplesDone: 1, tuplesTotal: 2, lockersDone: 1, lockersTotal: 2 };
    expect(
      [
        'initializing',
        'waiting for writers before build',
        'building index: scanning table',
        'building index: sorting live tuples',
        'building index: loading tuples in tree',
        'waiting for writers before validation',
        'index validation: scanning index',
        'index validation: sorting tuples',
        'index validation: scanning table',
        'waiting for old snapshots',
        'waiting for readers before dropping',
      ].map((phase) => percentOf(row(phase, half))),
    ).toEqual([0, 0, 28, 57, 67, 75, 78, 81, 89, 97, 98]);
    expect(percentOf(row('building index: scanning table', { ...half, command: 'CREATE INDEX' }))).toBe(37);
  });

  it('is told every five percent, at each phase and every five seconds, and never goes back', () => {
    const tell = progressTeller();
    const scan = (blocksDone: number, atMs: number) =>
      tell(row('building index: scanning table', { blocksDone, blocksTotal: 100 }), atMs)?.percent;
    expect([scan(0, 0), scan(5, 100), scan(10, 200), scan(11, 300), scan(11, 6_000), scan(0, 12_000)]).toEqual([
      1,
      undefined,
      6,
      undefined,
      6,
      6,
    ]);
    expect(tell(row('waiting for old snapshots'), 12_100)).toMatchObject({ percent: 97, index: 'app.i' });
    expect(tell(row('initializing', { index: 'app.other' }), 12_200)).toMatchObject({ percent: 0, index: 'app.other' });
  });
});
