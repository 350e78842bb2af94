/** `baseline <version>`: records everything up to a version as applied, for a database that has the schema already. */
import { ProblemError } from '../../model/problem.ts';
import { baselineText } from '../../report/migrator/takeover-text.ts';
import type { Call, CommandSpec } from '../command.ts';

interface BaselineFlags {
  readonly verify?: boolean;
  readonly dryRun?: boolean;
}

export const baselineCommand: CommandSpec<BaselineFlags> = {
  name: 'baseline',
  about: 'Record every migration up to a version as applied without running it, where the schema is there already.',
  operands: [['<version>', 'the last migration whose schema the database has']],
  options: [
    ['--verify', 'first run those files on a database of their own on the same server, and compare the schemas'],
    ['--dry-run', 'show what would be recorded, and change nothing'],
  ],
  work: async (call, { verify, dryRun, operands }) => {
    const version = operands[0] ?? noVersion();
    const { baseline, baselinePreview } = await import('../../migrator/takeover/baseline.ts');
    const { askOf } = await import('../../migrator/takeover/ledger-transaction.ts');
    const { schemas, ledgerSchema } = call.set;
    const migrator = await call.migrator();
    // Asked first: what is refused anyway need not be proven.
    const planned = await migrator.look(({ client }, { files, repeatables }) =>
      baselinePreview(askOf(client), { schemas, ledgerSchema }, { files: [...files, ...repeatables], version }),
    );
    if (planned.outcome === 'already-recorded') return { json: planned, text: baselineText(planned) };
    const proof = verify ? await prove(call, version) : ('not-asked' as const);
    const done = dryRun ? planned : await migrator.alone((work, files) => baseline(work, files, version));
    const outcome = { ...done, proof };
    return { json: outcome, text: baselineText(outcome) };
  },
};

async function prove(call: Call, version: string): Promise<'same-schema'> {
  const { proveBaseline } = await import('../../migrator/takeover/baseline-proof.ts');
  const { url } = await call.database();
  return proveBaseline({ ...call.set, url }, version);
}

function noVersion(): never {
  throw new ProblemError({
    code: 'usage',
    message: 'it was not said up to which version',
    expected: 'the last migration whose schema the database has',
    next: '`baseline <version>`',
  });
}
