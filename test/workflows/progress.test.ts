/** What Temporal shows of a step that takes long: the heartbeat's details of the pending activity, as the UI prints them. */
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, it } from 'vitest';
import { type Handle, makeWorld } from '../support/world.ts';

/** One row per page, and a tenth of a second per row: a build of five seconds, whatever the machine. */
const SLOW = {
  'migrations/small/003_notes.up.sql': `create table app.notes (id bigint, filler text);
alter table app.notes alter column filler set storage plain;
insert into app.notes select n, repeat('x', 5000) from generate_series(1, 50) n;
create function app.slow(id bigint) returns bigint immutable language plpgsql as $$ begin perform pg_sleep(0.1); return id; end $$;
create index concurrently notes_slow on app.notes (app.slow(id));
`,
  'migrations/small/003_notes.down.sql': 'drop table app.notes;\ndrop function app.slow;\n',
};

async function heartbeats({ workflow }: Handle): Promise<string[]> {
  const { raw } = await workflow.describe();
  return (raw.pendingActivities ?? []).flatMap(({ heartbeatDetails }) =>
    (heartbeatDetails?.payloads ?? []).map((payload) => String(defaultPayloadConverter.fromPayload(payload))),
  );
}

it('an index build shows its percent and phase while it is under way, and nothing of it stays in the history', async () => {
  const world = await makeWorld({ files: SLOW });
  const run = await world.start();
  await run.approve();
  const shown = new Set<string>();
  let over = false;
  const ended = run.ended().finally(() => {
    over = true;
  });
  while (!over) {
    for (const text of await heartbeats(run)) shown.add(text);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect((await ended).outcome).toBe('done');
  const percents = [...shown].flatMap((text) => {
    const match = /^ {2}index app\.notes_slow: (\d+) %, building index: scanning table$/.exec(text);
    return match ? [Number(match[1])] : [];
  });
  expect(percents.length).toBeGreaterThanOrEqual(2);
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
  const { events } = await run.workflow.fetchHistory();
  expect(JSON.stringify(events)).not.toContain('scanning table');
});
