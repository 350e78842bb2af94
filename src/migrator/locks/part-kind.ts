/**
 * Which kind of lock policy a part needs, told from what its statements do: by their effects where the catalog was asked,
 * else by their parse trees, where whatever is not known to be harmless counts as blocking. It knows no durations.
 */
import { blockedBy, type StatementEffects } from '../../model/statement-effects.ts';
import type { SqlStatement } from '../sql-statement.ts';
import type { LoneWork } from '../statement-kinds.ts';
import type { Part } from '../statements.ts';
import { kindOfText, tablesMade } from './statement-kind.ts';

/**
 * `blocking`: takes SHARE or stronger on a table that is there. `patient`: blocks nobody who reads or writes. `data`: reads or
 * changes rows. `free`: only what it makes itself, or the catalog.
 */
export type PartKind = 'blocking' | 'patient' | 'data' | 'free';

/** From the kind that decides first to the one that decides last. */
const ORDER: readonly PartKind[] = ['blocking', 'data', 'patient', 'free'];

export function kindOfPart(part: Part, effects?: readonly StatementEffects[]): PartKind {
  if (part.kind === 'alone') return kindOfLone(part.work, part.statement);
  const kinds = effects ? effects.map(kindOfEffects) : kindsInTransaction(part.statements);
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

function kindOfEffects({ locks, work, opaque }: StatementEffects): PartKind {
  if (locks.some(({ mode }) => blockedBy(mode) === 'writes' || blockedBy(mode) === 'reads and writes'))
    return 'blocking';
  if (opaque.length > 0 || work.some((one) => one.work === 'data' || one.work === 'unknown')) return 'data';
  return locks.some(({ mode }) => mode === 'SHARE UPDATE EXCLUSIVE') ? 'patient' : 'free';
}

/** Outside a transaction most statements are made to block nobody; those that rewrite or rebuild are not. */
function kindOfLone(lone: LoneWork, { node }: SqlStatement): PartKind {
  if (lone.kind === 'block') return 'data';
  if (lone.kind === 'reindex') return lone.concurrently === 'yes' ? 'patient' : 'blocking';
  if ('ClusterStmt' in node) return 'blocking';
  if ('VacuumStmt' in node) {
    const full = (node.VacuumStmt.options ?? []).some((one) => 'DefElem' in one && one.DefElem.defname === 'full');
    return full ? 'blocking' : 'patient';
  }
  return 'patient';
}
