/**
 * Turns settings, all or none. Two that turn at once would fail on each other's catalog row, so they come one after the other;
 * who holds does it only while the lease is its own, and keeps it from being let go meanwhile.
 */
import type pg from 'pg';
import { beginWriting } from '../../postgres/begin-writing.ts';
import type { HoldOwner } from '../hold.ts';
import { holdLost } from '../lease/hold-problems.ts';
import { HOLDS } from '../lease/holds-table.ts';
import { alterSetting, placeWords, readSettings, type Setting } from './setting.ts';

/** Those that were not so before. */
export type Turned = readonly Setting[];

// `DRYR` as bytes. The lock of holds is another one: it may be held around all this.
const TURN_LOCK = 'select pg_advisory_xact_lock(1146247506, 1)';

/** Error: `hold-lost`. */
export function turnWhileOurs(client: pg.Client, owner: HoldOwner, settings: readonly Setting[]): Promise<Turned> {
  return turn(client, settings, async () => {
    const { rows } = await client.query(
      `select from ${HOLDS} where token = $1 and let_go_at is null and expires_at > clock_timestamp() for share`,
      [owner.token],
    );
    if (rows.length === 0) throw holdLost(`${settings.map(placeWords).join(', ')}: not turned, the lease is gone`);
  });
}

/** Whoever lets go. */
export function turnBack(client: pg.Client, settings: readonly Setting[]): Promise<Turned> {
  return turn(client, settings, async () => undefined);
}

async function turn(client: pg.Client, settings: readonly Setting[], confirm: () => Promise<void>): Promise<Turned> {
  await beginWriting(client);
  try {
    await client.query(TURN_LOCK);
    await confirm();
    const present = await readSettings(client, settings);
    const turned = settings.filter((wanted) =>
      present.some(({ role, value }) => role === wanted.role && value !== wanted.value),
    );
    const { rows } = await client.query<{ name: string }>('select current_database() as name');
    for (const setting of turned) await client.query(alterSetting(rows[0]!.name, setting));
    await client.query('commit');
    return turned;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
