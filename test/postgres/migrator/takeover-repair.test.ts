import { describe, expect, it } from 'vitest';
import { disagreementsNow, type RepairRequest, repair } from '../../../src/migrator/takeover/repair.ts';
import { problemOf, setup, type World } from './world.ts';

const asked = (world: World, request: RepairRequest) =>
  world.open(LENIENT).alone((work, _files, contents) => repair(work, contents, request));
const LENIENT = { mirrors: 'optional', numbers: 'any' } as const;
const differing = (world: World) =>
  world.open(LENIENT).look(({ client }, contents) => disagreementsNow(client, { ledgerSchema: 'app' }, contents));
const logged = (world: World) =>
  world.database.query(
    `select version, name, action, repaired_by, ledger_schema, old_up_checksum = new_up_checksum as same_up,
            old_down_checksum = new_down_checksum as same_down from drydock.ledger_repairs order by id`,
  );

async function edited() {
  const world = await setup();
  await world.open().migrate();
  await world.write(
    '002_parents.up.sql',
    'create table app.parents (id int primary key, name text not null); -- said better',
  );
  return world;
}

describe('repair', () => {
  it('shows which applied files differ, and changes nothing', async () => {
    const world = await edited();
    const left = [
      {
        version: '002',
        name: 'parents',
        what: 'edited',
        paths: ['migrations/app/002_parents.up.sql'],
        state: 'applied',
      },
    ];
    expect(await differing(world)).toEqual(left);
    expect(await asked(world, { kind: 'show' })).toEqual({ repaired: [], left });
    expect(await problemOf(world.open().migrate())).toMatchObject({ code: 'migration-edited' });
  });

  it('records the new checksums of the one that is named, and keeps the old ones with who and when', async () => {
    const world = await edited();
    const { repaired, left } = await asked(world, { kind: 'named', versions: ['2'] });
    expect(repaired).toMatchObject([{ version: '002', action: 'checksums' }]);
    expect(repaired[0]!.now!.up).not.toBe(repaired[0]!.old.up);
    expect(left).toEqual([]);
    expect(await world.open().migrate()).toEqual([]);
    expect(await logged(world)).toEqual([
      {
        version: '002',
        name: 'parents',
        action: 'checksums',
        repaired_by: 'tester',
        ledger_schema: 'app',
        same_up: false,
        same_down: true,
      },
    ]);
    expect(await world.open().rollback()).toMatchObject({ version: '003' });
  });

  it('all at once; a second time there is nothing left', async () => {
    const world = await edited();
    await world.write('003_children.down.sql', 'drop table app.children; -- gone');
    const both = await Promise.all([asked(world, { kind: 'all' }), asked(world, { kind: 'all' })]);
    expect(both.map(({ repaired }) => repaired.length).sort()).toEqual([0, 2]);
    expect(await logged(world)).toHaveLength(2);
    expect(await asked(world, { kind: 'named', versions: ['002'] })).toEqual({ repaired: [], left: [] });
  });

  it('is refused for a migration that is unfinished, and changes nothing then', async () => {
    const world = await edited();
    await world.database.query(`update app.schema_migrations set finished_at = null where version = '002'`);
    expect(await problemOf(asked(world, { kind: 'all' }))).toMatchObject({ code: 'migration-unfinished' });
    expect(await problemOf(asked(world, { kind: 'named', versions: ['002'] }))).toEqual({
      code: 'migration-unfinished',
      message: '002_parents is unfinished: its files and its half do not belong together once it is edited',
      found: expect.stringMatching(/^1 of 1 parts are done, since 2/),
      expected: 'a migration that is applied',
      next: 'run `rollback` to clear what the unfinished migration left, then `migrate`',
      retry: 'stop',
    });
    expect(await world.database.query(`select to_regclass('drydock.ledger_repairs') as log`)).toEqual([{ log: null }]);
  });

  it('a version that is not in the ledger is refused', async () => {
    const world = await edited();
    expect(await problemOf(asked(world, { kind: 'named', versions: ['009'] }))).toMatchObject({
      code: 'repair-unknown',
      message: '009 is not in the ledger',
      found: 'rows from 001 to 003',
    });
  });

  it('a mirror that was added later is recorded', async () => {
    const world = await setup();
    await world.remove('003_children.down.sql');
    await world.open(LENIENT).migrate();
    await world.write('003_children.down.sql', 'drop table app.children;');
    expect(await differing(world)).toMatchObject([{ version: '003', paths: ['migrations/app/003_children.down.sql'] }]);
    await asked(world, { kind: 'named', versions: ['003'] });
    expect(await world.open(LENIENT).rollback()).toMatchObject({ version: '003', outcome: 'reverted' });
  });
});

describe('forgetting', () => {
  it('a missing file’s row goes when it is asked for, and is kept in the log', async () => {
    const world = await setup();
    await world.open().migrate();
    await world.remove('002_parents.up.sql');
    await world.remove('002_parents.down.sql');
    expect(await problemOf(world.open(LENIENT).migrate())).toMatchObject({ code: 'migration-file-missing' });
    expect(await problemOf(asked(world, { kind: 'named', versions: ['002'] }))).toMatchObject({
      code: 'repair-unknown',
      next: 'restore the files; or, if they are gone on purpose, `repair --forget 002`',
    });
    expect(await asked(world, { kind: 'forget', versions: ['2'] })).toMatchObject({
      repaired: [{ version: '002', action: 'forget', now: null }],
      left: [],
    });
    expect(await world.ledger()).toEqual(['001 1/1', '003 1/1']);
    expect(await world.open(LENIENT).migrate()).toEqual([]);
    expect(await logged(world)).toMatchObject([{ version: '002', action: 'forget' }]);
  });

  it('is refused while the file is there', async () => {
    const world = await setup();
    await world.open().migrate();
    expect(await problemOf(asked(world, { kind: 'forget', versions: ['002'] }))).toMatchObject({
      code: 'migration-file-present',
    });
    expect(await world.ledger()).toHaveLength(3);
  });
});
