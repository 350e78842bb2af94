/** `repair`: records the checksums of files that were edited on purpose, or forgets a migration whose files are gone. */
import type { RepairRequest } from '../../migrator/takeover/repair.ts';
import { ProblemError } from '../../model/problem.ts';
import { repairText } from '../../report/migrator/takeover-text.ts';
import type { CommandSpec } from '../command.ts';

interface RepairFlags {
  readonly all?: boolean;
  readonly forget?: boolean;
}

export const repairCommand: CommandSpec<RepairFlags> = {
  name: 'repair',
  about: 'Show where files and ledger differ; with versions or --all, record the edited files as they are now.',
  operands: [['[versions...]', 'the migrations that were edited on purpose']],
  options: [
    ['--all', 'every migration that was edited'],
    ['--forget', 'remove the named migrations from the ledger, where their files are gone on purpose'],
  ],
  work: async (call, { all, forget, operands }) => {
    const request = requestOf({ all: all ?? false, forget: forget ?? false, versions: operands });
    const { repair, disagreementsNow } = await import('../../migrator/takeover/repair.ts');
    const migrator = await call.migrator();
    const outcome =
      request.kind === 'show'
        ? { repaired: [], left: await migrator.look(({ client }, seen) => disagreementsNow(client, call.set, seen)) }
        : await migrator.alone((work, _files, contents) => repair(work, contents, request));
    return { json: outcome, text: repairText(outcome) };
  },
};

interface Given {
  readonly all: boolean;
  readonly forget: boolean;
  readonly versions: readonly string[];
}

function requestOf({ all, forget, versions }: Given): RepairRequest {
  if (all && (forget || versions.length > 0)) throw usage('--all was given beside versions or --forget');
  if (forget && versions.length === 0) throw usage('--forget was given without a version');
  if (all) return { kind: 'all' };
  if (forget) return { kind: 'forget', versions };
  return versions.length > 0 ? { kind: 'named', versions } : { kind: 'show' };
}

function usage(message: string): ProblemError {
  return new ProblemError({
    code: 'usage',
    message,
    expected: '`repair 007`, `repair --all` or `repair --forget 007`',
    next: 'see which ones differ: `repair`',
  });
}
