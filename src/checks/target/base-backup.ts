/**
 * Base backups that run: migrations work beside them, slower, and what they write has to be copied too. Named, not judged. One
 * that was begun by pg_backup_start is no catalog's business and cannot be seen, but for the exclusive kind of old servers.
 */
import { fact } from '../outcome.ts';
import { bytesText } from './bytes.ts';
import { look } from './look.ts';

interface Row {
  readonly pid: number | null;
  /** Null where this role may not see it. */
  readonly phase: string | null;
  readonly streamed: number | null;
  readonly total: number | null;
}

const LAST_WITH_EXCLUSIVE = 150_000;

export const baseBackupLook = look<Row>({
  name: 'base backups',
  sql: ({ identity }) => `
    select pid, phase, backup_streamed::float8 as streamed, backup_total::float8 as total
      from pg_stat_progress_basebackup
    ${identity.serverVersion < LAST_WITH_EXCLUSIVE ? `union all select null, 'exclusive', null, null where pg_is_in_backup()` : ''}`,
  judge: (rows) => ({ evidence: [fact('base backups', rows.map(words).join('\n') || 'none')] }),
});

function words({ pid, phase, streamed, total }: Row): string {
  if (pid === null) return 'an exclusive one, begun by pg_start_backup';
  if (phase === null) return `pid ${pid}, not visible to this role`;
  const of = total === null ? '' : ` of ${bytesText(total)}`;
  return `pid ${pid}: ${phase}, ${bytesText(streamed ?? 0)}${of}`;
}
