/** Repeatable migrations in a rehearsal: run after the others, twice, and never taken back. */
import { expect, test } from 'vitest';
import { rehearsalText } from '../../../src/report/migrator/rehearsal-text.ts';
import { hasFittingDump, rehearsalWorld as setup, WITHOUT_DUMP } from './rehearsal-world.ts';

const PEOPLE = {
  '001_people': ['create schema app; create table app.people (id int, name text);', 'drop schema app cascade;'],
} as const;

test('repeatable migrations run after the numbered ones, twice, and are not taken back', async () => {
  const world = await setup({ migrations: PEOPLE });
  await world.write('R__names.sql', 'create or replace view app.names as select name from app.people;');
  const target = { ...world.target, mirrors: 'optional', numbers: 'any' } as const;
  const found = await world.rehearse({ target });
  expect(found).toMatchObject({ verdict: 'mirrors', problems: [], differencesAtEnd: [] });
  expect(found.migrations).toMatchObject([
    { version: '001', mirrors: 'yes' },
    { version: 'R__names', mirrors: 'not needed', down: null, up: { outcome: 'done' }, upAgain: { outcome: 'done' } },
  ]);
  expect(found.notes).toEqual([
    'the way down was tried without R__names: what refers to a table can be in the way of a rollback',
  ]);
  const stages = world.told.flatMap((event) =>
    event.kind === 'rehearsed' ? [`${event.stage} ${event.migration.version}`] : [],
  );
  expect(stages).toEqual(['up 001', 'down 001', 'up again 001', 'up R__names', 'up again R__names']);
  expect(await world.database.query(`select to_regclass('app.people') as there`)).toEqual([{ there: null }]);
});

test('a repeatable migration that cannot be run a second time is found', async () => {
  const world = await setup({ migrations: PEOPLE });
  await world.write('R__names.sql', 'create view app.names as select name from app.people;');
  const target = { ...world.target, mirrors: 'optional', numbers: 'any' } as const;
  const found = await world.rehearse({ target });
  expect(found).toMatchObject({
    verdict: 'failed',
    problems: [{ code: 'migration-failed', message: expect.stringContaining('applying R__names'), sqlstate: '42P07' }],
    migrations: [
      { version: '001', mirrors: 'yes' },
      { mirrors: 'not needed', up: { outcome: 'done' }, upAgain: { outcome: 'failed' } },
    ],
  });
  expect(rehearsalText(found)).toMatch(/^✗ R__names +up \S+ m?s +cannot be run again$/m);
});

test('repeatable migrations that are applied are there, from the target and from the files, and are not run', async () => {
  const world = await setup({ migrations: PEOPLE });
  await world.write('R__names.sql', 'create view app.names as select name from app.people;');
  await world.open({ mirrors: 'optional', numbers: 'any' }).migrate();
  await world.write('002_more.up.sql', 'create table app.more (id int); comment on view app.names is $$all$$;');
  await world.write('002_more.down.sql', 'drop table app.more; comment on view app.names is null;');
  const target = { ...world.target, mirrors: 'optional', numbers: 'any' } as const;
  for (const from of ['dump-or-files', 'files'] as const) {
    const found = await world.rehearse({ target, from });
    expect(found).toMatchObject({ verdict: 'mirrors', likeTarget: { kind: 'same' }, notes: [] });
    expect(found.migrations.map(({ version }) => version)).toEqual(['002']);
  }
});

test('a change to a repeatable migration that its last version is in the way of is found', async ({ skip }) => {
  skip(!hasFittingDump, WITHOUT_DUMP);
  const world = await setup({ migrations: PEOPLE });
  await world.write('R__names.sql', 'create or replace view app.names as select id, name from app.people;');
  await world.open({ mirrors: 'optional', numbers: 'any' }).migrate();
  await world.write('R__names.sql', 'create or replace view app.names as select name from app.people;');
  const target = { ...world.target, mirrors: 'optional', numbers: 'any' } as const;
  const found = await world.rehearse({ target });
  expect(found).toMatchObject({ verdict: 'failed', problems: [{ sqlstate: '42P16' }] });
  expect(rehearsalText(found)).toMatch(/^✗ R__names +up failed +cannot be run$/m);
});
