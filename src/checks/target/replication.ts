/**
 * What new tables and changed ones meet of replication: publications that they would join, subscriptions that write into them,
 * slots that keep WAL. Publications and subscriptions are named and not judged: the other side cannot be seen from here.
 */
import type { ProblemInput } from '../../model/problem.ts';
import { count, fact } from '../outcome.ts';
import { bytesText } from './bytes.ts';
import { look } from './look.ts';
import { literals, tablesSql } from './tables-in-question.ts';

interface PublicationRow {
  readonly name: string;
  readonly owner: string;
  readonly everything: boolean;
  /** Owned schemas that are published whole. */
  readonly wholeSchemas: readonly string[];
  readonly tables: readonly string[];
}

const FIRST_WITH_SCHEMAS = 150_000;

export const publicationLook = look<PublicationRow>({
  name: 'publications',
  sql: (scope) => `
    with t as (${tablesSql(scope)}), p as (
      select p.pubname::text as name, pg_get_userbyid(p.pubowner)::text as owner, p.puballtables as everything,
             ${scope.identity.serverVersion < FIRST_WITH_SCHEMAS ? `'{}'::text[]` : WHOLE_SCHEMAS(scope.schemas)} as "wholeSchemas",
             array(select t.name from pg_publication_rel r join t on t.oid = r.prrelid
                    where r.prpubid = p.oid order by 1) as tables
        from pg_publication p)
    select * from p where everything or "wholeSchemas" <> '{}' or tables <> '{}' order by name`,
  judge: (rows) => ({
    evidence: [fact('publications', rows.map(publicationWords).join('\n') || 'none touches these tables')],
  }),
});

const WHOLE_SCHEMAS = (schemas: readonly string[]): string => `
  array(select n.nspname::text from pg_publication_namespace x join pg_namespace n on n.oid = x.pnnspid
         where x.pnpubid = p.oid and n.nspname = any (${literals(schemas)}) order by 1)`;

function publicationWords({ name, owner, everything, wholeSchemas, tables }: PublicationRow): string {
  const joins = 'new tables join it: subscribers need them before rows are written';
  const whole = everything
    ? `FOR ALL TABLES: ${joins}`
    : wholeSchemas.length > 0
      ? `FOR TABLES IN SCHEMA ${wholeSchemas.join(', ')}: ${joins}`
      : '';
  return `${name} (owner ${owner}) ${[whole, tables.length > 0 ? `publishes ${tables.join(', ')}` : ''].filter(Boolean).join('; ')}`;
}

interface SubscriptionRow {
  readonly name: string;
  readonly enabled: boolean;
  readonly tables: readonly string[];
}

export const subscriptionLook = look<SubscriptionRow>({
  name: 'subscriptions',
  sql: (scope) => `
    with t as (${tablesSql(scope)})
    select s.subname::text as name, s.subenabled as enabled,
           array(select t.name from pg_subscription_rel r join t on t.oid = r.srrelid
                  where r.srsubid = s.oid order by 1) as tables
      from pg_subscription s where s.subdbid = (select oid from pg_database where datname = current_database())
     order by 1`,
  judge: (rows) => ({ evidence: [fact('subscriptions', rows.map(subscriptionWords).join('\n') || 'none')] }),
});

function subscriptionWords({ name, enabled, tables }: SubscriptionRow): string {
  const into = tables.length > 0 ? `writes into ${tables.join(', ')}` : 'writes into none of these tables';
  return `${name} (${enabled ? 'enabled' : 'disabled'}) ${into}`;
}

interface SlotRow {
  readonly name: string;
  readonly kind: string;
  readonly database: string | null;
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved`, `lost`; null where it keeps nothing. */
  readonly status: string | null;
  readonly retained: number | null;
}

export const slotLook = look<SlotRow>({
  name: 'replication slots',
  sql: () => `
    select slot_name::text as name, slot_type as kind, database::text, active, wal_status as status,
           case when not pg_is_in_recovery() then
             greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 end as retained
      from pg_replication_slots order by 1`,
  judge: (rows, { limits: { inactiveSlotBytes } }) => {
    const text = rows.map(slotWords).join('\n') || 'none';
    const abandoned = rows.filter((row) => !row.active && (row.retained ?? 0) > inactiveSlotBytes);
    return {
      evidence: [fact('replication slots', text, `inactive ones keep at most ${bytesText(inactiveSlotBytes)}`)],
      problems: abandoned.length === 0 ? [] : [slotProblem(abandoned, inactiveSlotBytes)],
    };
  },
});

function slotWords({ name, kind, database, active, status, retained }: SlotRow): string {
  const where = database === null ? '' : ` of ${database}`;
  const lost = status === 'lost' || status === 'unreserved' ? `, ${status}` : '';
  const keeps = retained === null ? 'keeps no WAL' : `keeps ${bytesText(retained)} of WAL`;
  return `${name} (${kind}${where}, ${active ? 'active' : 'inactive'}${lost}) ${keeps}`;
}

function slotProblem(abandoned: readonly SlotRow[], limit: number): ProblemInput {
  return {
    code: 'slot-keeps-wal',
    message: `${count(abandoned.length, 'replication slot')} that nobody reads may fill the disk`,
    found: abandoned.map(slotWords).join('\n'),
    expected: `at most ${bytesText(limit)} kept by an inactive slot`,
    next: `start what reads it, or SELECT pg_drop_replication_slot('${abandoned[0]!.name}') where nobody does any more`,
  };
}
