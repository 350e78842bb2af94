/**
 * The SQL of the claim: one row per database, with a token that only grows. A token that was given away is never given again,
 * so a holder who has lost its claim cannot be taken for the present one.
 */
import pg from 'pg';

export const CLAIMS = 'drydock.claims';

/** One row at the most, a ClaimRow; for where the table is there. */
export const SELECT_CLAIM = `select token::text, workflow_id as "workflowId", run_id as "runId", namespace, operation,
  to_char(claimed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "claimedAt"
  from ${CLAIMS}`;

/** Run under the exclusive claim lock, once the schema `drydock` is there. */
export const CREATE_CLAIMS = `
do $drydock$
begin
  if to_regclass('drydock.claims') is null then
    create sequence drydock.claim_tokens;
    comment on sequence drydock.claim_tokens is 'Numbers the claims: a later claim has a higher token.';
    create table drydock.claims (
      only_one boolean not null default true,
      token bigint not null default nextval('drydock.claim_tokens'),
      workflow_id text not null,
      run_id text not null,
      namespace text not null,
      operation text not null,
      claimed_at timestamptz not null default now(),
      constraint claims_pkey primary key (only_one),
      constraint claims_only_one check (only_one)
    );
    comment on table drydock.claims is 'The run that is at work on this database; no row while none is.';
    comment on column drydock.claims.only_one is 'Always true: there is one claim at the most.';
    comment on column drydock.claims.token is 'Asserted inside the transaction of every step: a step whose token is not the present one fails.';
    comment on column drydock.claims.workflow_id is 'Workflow id of the run.';
    comment on column drydock.claims.run_id is 'Run id of the run.';
    comment on column drydock.claims.namespace is 'Temporal namespace of the run.';
    comment on column drydock.claims.operation is 'What the run does: run, rollback or reset.';
    comment on column drydock.claims.claimed_at is 'When the claim was taken.';
  end if;
end
$drydock$`;

/** SQLSTATE of a step whose claim is gone; it has a row in sqlstate.ts. */
const CLAIM_LOST = 'DD001';

/**
 * Fails with that SQLSTATE where the claim with this token is not the present one; holds the claim where it is to the end of
 * the transaction, so that it cannot be replaced under a step that is about to commit.
 */
export function assertClaimSql(token: string): string {
  const literal = pg.escapeLiteral(token);
  return `do $drydock$ begin
  if to_regclass('drydock.claims') is not null then
    perform from drydock.claims where token = ${literal}::bigint for share;
    if found then return; end if;
  end if;
  raise exception using errcode = '${CLAIM_LOST}', message = 'this run no longer holds the claim on the database';
end $drydock$;`;
}
