/** ATTACH PARTITION of a filled table without a constraint that makes the scan needless. */
import { splitName } from '../../effects/catalog-names.ts';
import { nameOf } from '../../statement-kinds.ts';
import { alterTableCommandsOf } from '../alter-commands.ts';
import type { StatementRule } from '../rule.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const attachWithoutCheck: StatementRule = {
  name: 'attach-without-check',
  title: 'A filled table is attached without a matching CHECK',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Every row of the new partition is read under ACCESS EXCLUSIVE to see whether it fits the bounds. A validated CHECK with the same bounds, and NOT NULL on the key, is believed. Rows of a default partition are read as well.',
  check: ({ statement, source, view }) =>
    alterTableCommandsOf({ statement, source }, 'AT_AttachPartition').flatMap(({ command, at, table }) => {
      const part = command.def && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
      if (!part || part.bound?.is_default) return [];
      const child = nameOf(part.name);
      const known = view.table(child);
      const proven = known?.constraints.some(({ kind, validated }) => kind === 'check' && validated);
      const fallback = view.table(table)?.defaultPartition;
      const alsoRead = fallback && isThere(view, splitName(fallback)) ? fallback : undefined;
      if ((!isThere(view, child) || proven) && !alsoRead) return [];
      const scanned = !isThere(view, child) || proven ? alsoRead! : tableWords(view, child);
      return [{ at, message: `ATTACH PARTITION reads every row of ${scanned} under ACCESS EXCLUSIVE`, instead: null }];
    }),
};
