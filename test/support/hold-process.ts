/**
 * A process of its own that holds as a worker does: takes the lease, starts a guard, holds, renews, and says so in lines. To be killed
 * by the test. Told over its standard input.
 */
import { text } from 'node:stream/consumers';
import pg from 'pg';
import type { HoldContext } from '../../src/drain/hold.ts';
import { type LeaseOwner, renewLease, takeLease } from '../../src/drain/lease/lease.ts';
import { holdNotes } from '../../src/drain/lease/notes.ts';
import { holdFor } from '../../src/drain/registry.ts';
import { ensureGuard } from '../../src/guard/start-guard.ts';
import type { Runbook } from '../../src/model/runbook.ts';
import type { SecretRef } from '../../src/model/secret-ref.ts';
import type { TargetView } from '../../src/model/target.ts';

export interface HoldOrder {
  readonly url: string;
  readonly root: string;
  readonly target: TargetView;
  readonly secrets: Readonly<Record<string, string>>;
  readonly owner: LeaseOwner;
  readonly leaseMs: number;
  readonly runbook: Runbook;
}

const { url, root, target, secrets, owner, leaseMs, runbook } = JSON.parse(await text(process.stdin)) as HoldOrder;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const secret = async (ref: SecretRef): Promise<string> => ('env' in ref ? (secrets[ref.env] ?? '') : '');

const client = new pg.Client({ connectionString: url });
client.on('error', () => undefined);
await client.connect();
await takeLease(client, owner, leaseMs);
say(`guard ${await ensureGuard({ target, url, secret, owner, root })}`);
setInterval(() => void renewLease(client, owner, leaseMs).catch((error: Error) => say(error.message)), leaseMs / 3);
const context: HoldContext = { url, target, runbook, root, owner, secret, notes: holdNotes(url, owner) };
const outcome = await holdFor(target.drain).hold(context);
say(outcome.kind);
