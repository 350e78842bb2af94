/** `drain:` of a target. */
import { z } from 'zod';
import { DEFAULT_LEASE_MS, type Drain } from '../../model/drain.ts';
import { durationMs, durationText, sentence, slug } from '../fields.ts';
import { secretOf, secretReference } from './secret-schema.ts';

/**
 * Less would not outlive the death of a worker: it is noticed after 5 s, and then another one has to start and to renew, on a machine
 * that may be busy for a moment. More would keep traffic away for no reason.
 */
const LEASE_LIMITS_MS = { least: 10_000, most: 600_000 };
const DEFAULT_LEASE = `${DEFAULT_LEASE_MS / 1_000}s`;

const lease = durationText
  .refine((text) => {
    const ms = durationMs(text);
    return ms >= LEASE_LIMITS_MS.least && ms <= LEASE_LIMITS_MS.most;
  }, `a lease is 10s to 10m, ${DEFAULT_LEASE} where nothing is said: a shorter one runs out while a dead worker's place is taken, and the run is undone`)
  .default(DEFAULT_LEASE)
  .meta({
    description:
      'Traffic is let go by itself when the run has not renewed for so long. 10s to 10m: a shorter one would not outlive the death of a worker.',
  });

const pooler = z.strictObject({
  name: slug.meta({ description: 'Unique in its target.' }),
  admin: secretReference.meta({
    description: 'The URL of its console: postgres://admin@host:6432/pgbouncer, as one of its admin_users.',
  }),
  database: sentence.meta({ description: 'As the pooler calls it.' }),
});

const pgbouncer = z
  .strictObject({
    kind: z.literal('pgbouncer'),
    poolers: z
      .array(pooler)
      .min(1)
      .refine(
        (poolers) => new Set(poolers.map(({ name }) => name)).size === poolers.length,
        'two poolers have the same name',
      )
      .meta({ description: 'Every one through which clients reach the database: each process for itself.' }),
    lease,
    pauseTimeout: durationText
      .default('30s')
      .meta({ description: 'How long clients may take to end their transactions, before the pause is given up.' }),
    queryWaitTimeout: z.enum(['keep', 'lift']).default('keep').meta({
      description:
        'keep: a window longer than the pooler lets clients wait is refused in the plan. lift: the limits are 0 while held, and put back.',
    }),
  })
  .meta({ description: 'Clients wait at PgBouncer while the run works.' });

const readOnly = z
  .strictObject({
    kind: z.literal('read-only'),
    roles: z
      .array(sentence)
      .default([])
      .meta({ description: "Roles whose sessions become read-only. Default: everybody's; superusers are left alone." }),
    endAfter: durationText
      .default('30s')
      .meta({ description: 'How long sessions from before may finish what they do until they are ended.' }),
    lease,
  })
  .meta({ description: 'Sessions are made read-only by settings of roles or of the database; reads go on.' });

/** The kinds of drain this version knows. A new kind is a member here, in the model's Drain and a file in `src/drain`. */
export const drainSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('observe') }).meta({ description: 'Someone else drains; quiet is proven.' }),
    pgbouncer,
    readOnly,
  ])
  .default({ kind: 'observe' });

export function drainOf(entry: z.output<typeof drainSchema>): Drain {
  switch (entry.kind) {
    case 'observe':
      return entry;
    case 'pgbouncer':
      return pgbouncerOf(entry);
    case 'read-only':
      return readOnlyOf(entry);
  }
}

function pgbouncerOf(entry: z.output<typeof pgbouncer>): Drain {
  const { kind, poolers, queryWaitTimeout } = entry;
  return {
    kind,
    leaseMs: durationMs(entry.lease),
    poolers: poolers.map(({ name, admin, database }) => ({ name, admin: secretOf(admin), database })),
    pauseTimeoutMs: durationMs(entry.pauseTimeout),
    queryWaitTimeout,
  };
}

function readOnlyOf({ kind, roles, endAfter, ...entry }: z.output<typeof readOnly>): Drain {
  return { kind, leaseMs: durationMs(entry.lease), roles, endAfterMs: durationMs(endAfter) };
}
