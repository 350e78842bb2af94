/** `verify`: the runbook's validations, one after the other, whatever the one before it found. */
import { runValidation } from '../../checks/validation.ts';
import { ProblemError } from '../../model/problem.ts';
import { interrupted } from '../../postgres/clock.ts';
import { connect } from '../../postgres/connect.ts';
import { type VerifiedItem, verifyText } from '../../report/migrator/verify-text.ts';
import type { LoadedRunbook } from '../../runbook/load.ts';
import type { Call, CommandSpec } from '../command.ts';

export const verifyCommand: CommandSpec = {
  name: 'verify',
  about: "Run the runbook's validation queries. What they write is rolled back.",
  work: async (call) => {
    const { url } = await call.database();
    const { definition, statements } = requireRunbook(call);
    const session = await connect({ url, applicationName: 'drydock:verify', purpose: 'check' });
    try {
      const items: VerifiedItem[] = [];
      for (const { id, title } of definition.validation) {
        if (call.signal.aborted) throw interrupted();
        items.push({ id, title, outcome: await runValidation(session.client, statements(id)) });
      }
      const failed = items.some(({ outcome }) => outcome.status === 'failed');
      return { json: { items }, text: verifyText(items, call.palette), exitCode: failed ? 1 : 0 };
    } finally {
      await session.close();
    }
  },
};

function requireRunbook({ set }: Call): LoadedRunbook {
  if (set.runbook) return set.runbook;
  throw new ProblemError({
    code: 'usage',
    message: 'verify runs the validations of a runbook, and none was named',
    found: `--dir ${set.directory}`,
    expected: '--runbook <name>',
    next: 'look at the migrations with `status`, or name a runbook',
  });
}
