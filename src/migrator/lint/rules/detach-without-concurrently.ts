/** DETACH PARTITION that locks the partitioned table. */
import { nameOf } from '../../statement-kinds.ts';
import { alterTableCommandsOf } from '../alter-commands.ts';
import { writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { alter, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const detachWithoutConcurrently: StatementRule = {
  name: 'detach-without-concurrently',
  title: 'A partition is detached without CONCURRENTLY',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'It waits for every open query on the partitioned table, and everybody who comes later waits behind it, whichever partition they want.',
  check: ({ statement, source, view }) =>
    alterTableCommandsOf({ statement, source }, 'AT_DetachPartition').flatMap(({ table, command, at }) => {
      const part = command.def && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
      if (!part || part.concurrent || !isThere(view, table)) return [];
      const child = nameOf(part.name);
      const message = `DETACH PARTITION takes ACCESS EXCLUSIVE on ${tableWords(view, table)}`;
      // With a default partition the server cannot do it concurrently.
      const possible = !view.table(table)?.defaultPartition;
      const detach = alter(writtenName(table), `DETACH PARTITION ${writtenName(child)} CONCURRENTLY`);
      return [{ at, message, instead: possible ? steps(detach) : null }];
    }),
};
