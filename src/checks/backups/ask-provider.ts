/** Which code asks a provider, by its kind. */
import { assertNever } from '../../model/assert-never.ts';
import type { BackupProvider } from '../../model/backups.ts';
import type { CheckOutcome } from '../../model/outcome.ts';
import { askArchiver } from './archiver.ts';
import { askArchives } from './archives/archives.ts';
import { askCommand } from './command/command.ts';
import { askPgBackRest } from './pgbackrest/pgbackrest.ts';
import type { BackupQuestion } from './proof.ts';

export function askProvider(question: BackupQuestion, provider: BackupProvider): Promise<CheckOutcome> {
  switch (provider.kind) {
    case 'archives':
      return askArchives(question, provider);
    case 'wal-archiving':
      return askArchiver(question, provider);
    case 'pgbackrest':
      return askPgBackRest(question, provider);
    case 'command':
      return askCommand(question, provider);
    default:
      return assertNever(provider);
  }
}
