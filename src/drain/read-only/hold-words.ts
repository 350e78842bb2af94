/** What a hold tells of itself: what was set, what it was before, whose sessions were ended and whose were left alone. */
import { count, fact } from '../../checks/outcome.ts';
import type { Evidence } from '../../model/outcome.ts';
import { BACKEND_COLUMNS, type BackendInfo, describeBackend } from '../../postgres/backend.ts';
import type { Session } from '../../postgres/connect.ts';
import { endedFacts } from './let-go.ts';
import { IN_SCOPE, type Roles, rolesWords, type Scope } from './scope.ts';
import type { Ended } from './sessions.ts';
import { HELD_VALUE, placeWords, SETTING, type Setting, valueWords } from './setting.ts';

export interface Held {
  readonly scope: Scope;
  readonly former: readonly Setting[];
  readonly ended: Ended;
}

/** `sessions of everybody are read-only; 3 idle sessions and 1 busy one were ended`. */
export function howHeld({ roles }: Scope, { idle, busy }: Ended): string {
  const ended = `${count(idle, 'idle session')} and ${busy.length} busy ${busy.length === 1 ? 'one' : 'ones'} ended`;
  return `sessions of ${rolesWords(roles)} are read-only; ${ended}`;
}

export async function holdEvidence({ client }: Session, { scope, former, ended }: Held): Promise<readonly Evidence[]> {
  const { rows } = await client.query<BackendInfo>(LEFT_ALONE, [scope.roles]);
  return [
    fact('drain', 'read-only'),
    ...former.map((setting) =>
      fact(`${SETTING} of ${placeWords(setting)}`, `${HELD_VALUE}, before: ${valueWords(setting.value)}`),
    ),
    ...endedFacts('sessions from before ended', ended),
    ...leftAlone(scope.roles, rows),
  ];
}

const LEFT_ALONE = `
  select a.pid, ${BACKEND_COLUMNS} from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
   where a.datname = current_database() and a.backend_type = 'client backend' and not ${IN_SCOPE}
     and a.pid <> pg_backend_pid() and coalesce(a.application_name, '') not like 'drydock:%'
   order by a.backend_start`;

/** Those of other roles are counted: they may be many. */
function leftAlone(roles: Roles, sessions: readonly BackendInfo[]): readonly Evidence[] {
  if (sessions.length === 0) return [];
  if (roles !== null) return [fact('sessions of other roles left alone', sessions.length)];
  return [fact('superusers and replication left alone', sessions.map(describeBackend).join('\n'))];
}
