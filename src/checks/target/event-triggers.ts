/** Event triggers that fire on the migrations' statements: another's code inside our transactions. Named, not judged. */
import { fact } from '../outcome.ts';
import { look } from './look.ts';

interface Row {
  readonly name: string;
  readonly event: string;
  readonly tags: readonly string[] | null;
  readonly function: string;
  readonly owner: string;
}

export const eventTriggerLook = look<Row>({
  name: 'event triggers',
  sql: () => `
    select e.evtname::text as name, e.evtevent::text as event, e.evttags as tags,
           n.nspname || '.' || p.proname as function, pg_get_userbyid(e.evtowner)::text as owner
      from pg_event_trigger e join pg_proc p on p.oid = e.evtfoid join pg_namespace n on n.oid = p.pronamespace
     where e.evtenabled in ('O', 'A')
       and e.evtevent in ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite')
     order by 1`,
  judge: (rows) => ({ evidence: [fact('event triggers', rows.map(words).join('\n') || 'none')] }),
});

function words({ name, event, tags, function: runs, owner }: Row): string {
  const when = tags === null ? event : `${event} of ${tags.join(', ')}`;
  return `${name} (owner ${owner}) runs ${runs}() on ${when}`;
}
