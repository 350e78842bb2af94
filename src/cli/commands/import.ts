/** `import`: takes over the history table of another migration tool, once. */
import type { Ask } from '../../migrator/takeover/history.ts';
import { ProblemError } from '../../model/problem.ts';
import { importText } from '../../report/migrator/takeover-text.ts';
import type { Call, CommandSpec } from '../command.ts';

interface ImportFlags {
  readonly from?: string;
  readonly history?: string;
  readonly acceptEdits?: boolean;
  readonly dryRun?: boolean;
}

export const importCommand: CommandSpec<ImportFlags> = {
  name: 'import',
  about: 'Take over the history of golang-migrate, dbmate, goose, Flyway or another tool, once. Its table is kept.',
  options: [
    ['--from <tool>', 'whose history, where the database has several'],
    ['--history <table>', 'the table, where it has another name or schema: public.schema_migrations'],
    ['--accept-edits', "take files that differ from the tool's own checksums as they are now"],
    ['--dry-run', 'show what would be recorded, and change nothing'],
  ],
  work: async (call, flags) => {
    const outcome = flags.dryRun ? await preview(call, flags) : await carryOut(call, flags);
    return { json: outcome, text: importText(outcome) };
  },
};

async function carryOut(call: Call, flags: ImportFlags) {
  const { importHistory } = await import('../../migrator/takeover/import-history.ts');
  const request = await requestOf(call, flags);
  const migrator = await call.migrator();
  return migrator.alone((work, _files, contents) => importHistory(work, contents, request));
}

async function preview(call: Call, flags: ImportFlags) {
  const { importPreview } = await import('../../migrator/takeover/import-history.ts');
  const { askOf } = await import('../../migrator/takeover/ledger-transaction.ts');
  const request = await requestOf(call, flags);
  const { schemas, ledgerSchema } = call.set;
  const migrator = await call.migrator();
  return migrator.look(({ client }, contents) => {
    const ask: Ask = askOf(client);
    return importPreview(ask, { contents, schemas, ledgerSchema }, request);
  });
}

async function requestOf({ set }: Call, { from, history, acceptEdits }: ImportFlags) {
  const { drizzleTagsIn } = await import('../../migrator/sources/drizzle.ts');
  return {
    ...(from === undefined ? {} : { from: await toolNamed(from) }),
    ...(history === undefined ? {} : { history }),
    edits: acceptEdits ? ('accepted' as const) : ('refused' as const),
    drizzleTags: () => drizzleTagsIn(set),
  };
}

async function toolNamed(name: string) {
  const { TOOLS } = await import('../../migrator/takeover/history.ts');
  const tool = TOOLS.find((one) => one === name.toLowerCase());
  if (tool) return tool;
  throw new ProblemError({
    code: 'usage',
    message: `${name} is no tool whose history is known`,
    expected: TOOLS.join(', '),
    next: 'correct --from, or record what the schema has already: `baseline <version>`',
  });
}
