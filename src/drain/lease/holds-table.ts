/**
 * The SQL of the hold: one row per database, which outlives the hold so that its number is remembered, and the things that are
 * held under it. Who may do what with them is not decided here.
 */

export const HOLDS = 'drydock.holds';
export const HELD_THINGS = 'drydock.held_things';

const ISO = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** One row at the most, a LeaseRow; for where the table is there. */
export const SELECT_HOLD = `select token::text, workflow_id as "workflowId", run_id as "runId", namespace, target,
  ${ISO('taken_at')} as "takenAt", lease_ms as "leaseMs", ${ISO('expires_at')} as "expiresAt",
  ceil(extract(epoch from expires_at - clock_timestamp()) * 1000)::float8 as "remainingMs",
  kept_for_person as "keptForPerson",
  case when ended_at is not null then 'ended' when let_go_at is not null then 'letting-go' else 'held' end as state,
  let_go_by as "letGoBy"
  from ${HOLDS}`;

/** In the order in which they were noted. */
export const SELECT_THINGS = `select kind, name, former from ${HELD_THINGS}`;

/** Run in a transaction that holds the lock of holds, once the schema `drydock` is there. */
export const CREATE_HOLDS = `
do $drydock$
begin
  if to_regclass('${HOLDS}') is null then
    create table ${HOLDS} (
      only_one boolean not null default true,
      token bigint not null,
      workflow_id text not null,
      run_id text not null,
      namespace text not null,
      target text not null,
      taken_at timestamptz not null default clock_timestamp(),
      lease_ms integer not null,
      expires_at timestamptz not null,
      kept_for_person boolean not null default false,
      let_go_at timestamptz,
      let_go_by text,
      ended_at timestamptz,
      constraint holds_pkey primary key (only_one),
      constraint holds_only_one check (only_one),
      constraint holds_let_go check ((let_go_at is null) = (let_go_by is null)),
      constraint holds_ended check (ended_at is null or let_go_at is not null)
    );
    comment on table ${HOLDS} is 'Who keeps traffic away from this database, or did last: a lease, which runs out unless it is renewed.';
    comment on column ${HOLDS}.only_one is 'Always true: there is one hold at the most.';
    comment on column ${HOLDS}.token is 'Number of the claim that it is held under. A hold with a lower number is never taken after it.';
    comment on column ${HOLDS}.workflow_id is 'Workflow id of the run that holds.';
    comment on column ${HOLDS}.run_id is 'Run id of the run that holds.';
    comment on column ${HOLDS}.namespace is 'Temporal namespace of that run.';
    comment on column ${HOLDS}.target is 'Name of the target in drydock.yaml.';
    comment on column ${HOLDS}.taken_at is 'When this run took it.';
    comment on column ${HOLDS}.lease_ms is 'How far a renewal moves the end, in milliseconds.';
    comment on column ${HOLDS}.expires_at is 'From then on anybody may let go of what is held.';
    comment on column ${HOLDS}.kept_for_person is 'The undo of the run failed, and what is held waits for a person until expires_at.';
    comment on column ${HOLDS}.let_go_at is 'When somebody began to let go; from then on it is not renewed. Null while it is held.';
    comment on column ${HOLDS}.let_go_by is 'Who did: the run itself, a guard, a worker that started, or a command.';
    comment on column ${HOLDS}.ended_at is 'When nothing was held any more. Null before.';
  end if;
  if to_regclass('${HELD_THINGS}') is null then
    create table ${HELD_THINGS} (
      kind text not null,
      name text not null,
      former jsonb,
      place bigint generated always as identity,
      noted_at timestamptz not null default clock_timestamp(),
      constraint held_things_pkey primary key (kind, name)
    );
    comment on table ${HELD_THINGS} is 'What is held, noted before it is touched; no row once it is as it was. A later hold takes over what an earlier one has left.';
    comment on column ${HELD_THINGS}.kind is 'What it is: pooler, read-only or consumer.';
    comment on column ${HELD_THINGS}.name is 'The name of the pooler or consumer, the role, or database.';
    comment on column ${HELD_THINGS}.former is 'What it was before, to be put back. Never a secret.';
    comment on column ${HELD_THINGS}.place is 'The order of noting: things are let go in reverse.';
    comment on column ${HELD_THINGS}.noted_at is 'When it was noted.';
  end if;
end
$drydock$`;
