/** The data guard over a product's own schema, whose triggers refuse rows that are not new. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../support/processes.ts';
import { run, savedOf, withPgDump } from './lost-rows-world.ts';
import { setup } from './world.ts';

const hasPsql = await run('psql', ['--version']).then(
  () => true,
  () => false,
);

it('deliveries that are no longer new come back, which an INSERT of the application could not do', async ({ skip }) => {
  skip(!hasPsql, 'there is no psql on this machine');
  const world = await setup({ template: 'core' });
  const sample = await readFile(path.join(ROOT, 'src/data/communication/core-stub-sample.sql'), 'utf8');
  await world.database.query(sample);
  const schema = {
    root: ROOT,
    directory: 'migrations/communication',
    schemas: ['communication'],
    ledgerSchema: 'communication',
  };
  const migrator = world.open({ ...schema, saveDirectory: path.join(world.root, 'saved') });
  await migrator.migrate();
  await world.database.query(DELIVERY);
  const attempts = () => world.database.query('select * from communication.delivery_attempts order by id');
  const before = await attempts();
  expect(before).toMatchObject([{ status: 'sent' }]);
  await migrator.rollback();
  await withPgDump('exit 1', () => migrator.rollback());
  expect(savedOf(world.events)).toMatchObject({ tables: [{ table: 'communication.delivery_attempts', rows: 1 }] });
  await migrator.migrate();
  const file = path.join(savedOf(world.events).directory, 'restore.sql');
  await run('psql', [world.database.url, '--no-psqlrc', '--quiet', '-f', file]);
  expect(await attempts()).toEqual(before);
});

/** One message to one reader, claimed by a sender and sent. */
const DELIVERY = `
  with org as (select id from core.organizations order by id limit 1),
  person as (select id from core.users order by id limit 1),
  thread as (insert into communication.threads (organization_id, subject) select id, 's' from org returning id),
  message as (
    insert into communication.messages (organization_id, thread_id, sender_id, body, idempotency_key)
    select org.id, thread.id, person.id, 'b', 'k' from org, thread, person returning id)
  insert into communication.message_recipients (organization_id, message_id, user_id)
  select org.id, message.id, person.id from org, message, person;
  insert into communication.channels (organization_id, key, kind, name)
  select id, 'mail', 'email', 'Mail' from core.organizations order by id limit 1;
  insert into communication.delivery_attempts (organization_id, recipient_id, channel_id)
  select r.organization_id, r.id, c.id from communication.message_recipients r, communication.channels c;
  select communication.claim_due_deliveries('sender', 10, interval '1 minute');
  update communication.delivery_attempts set status = 'sent';`;
