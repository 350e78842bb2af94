/**
 * Which kind of lock policy a part needs, told from the parse trees of its statements: whatever is not known to be harmless
 * counts as blocking. No catalog is asked, and none would tell it better where it counts: a table that an earlier part or file
 * has made is committed by now, and others may use it. It knows no durations.
 */
import type { PartKind } from '../../model/lock-limits.ts';
import type { SqlStatement } from '../sql-statement.ts';
import type { LoneWork } from '../statement-kinds.ts';
import type { Part } from '../statements.ts';
import { kindOfText, tablesMade } from './statement-kind.ts';

export type { PartKind } from '../../model/lock-limits.ts';

/** From the kind that decides first to the one that decides last. */
const ORDER: readonly PartKind[] = ['blocking', 'data', 'patient', 'free'];

export function kindOfPart(part: Part): PartKind {
  if (part.kind === 'alone') return kindOfLone(part.work, part.statement);
  const kinds = kindsInTransaction(part.statements);
  return ORDER.find((kind) => kinds.includes(kind)) ?? 'free';
}

/** One kind per statement; what an earlier statement of the same transaction has made is nobody else's yet. */
export function kindsInTransaction(statements: readonly SqlStatement[]): PartKind[] {
  const made = new Set<string>();
  return statements.map((statement) => {
    const kind = kindOfText(statement, made);
    for (const table of tablesMade(statement.node)) made.add(table);
    return kind;
  });
}

/** Outside a transaction most statements are made to block nobody; those that rewrite or rebuild are not. */
function kindOfLone(lone: LoneWork, { node }: SqlStatement): PartKind {
  if (lone.kind === 'block') return 'data';
  // It ends with ACCESS EXCLUSIVE on the partition.
  if (lone.kind === 'detach-partition') return 'blocking';
  if (lone.kind === 'reindex') return lone.concurrently === 'yes' ? 'patient' : 'blocking';
  if ('ClusterStmt' in node) return 'blocking';
  if ('VacuumStmt' in node) {
    const full = (node.VacuumStmt.options ?? []).some((one) => 'DefElem' in one && one.DefElem.defname === 'full');
    return full ? 'blocking' : 'patient';
  }
  return 'patient';
}
