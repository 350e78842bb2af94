/**
 * From a file that passed every check to the definition that travels in a history: durations as milliseconds, SQL as
 * digests. The SQL itself stays on the side of whoever read the file.
 */
import { createHash } from 'node:crypto';
import { assertNever } from '../model/assert-never.ts';
import type {
  ChecklistItem,
  CheckSpec,
  ExecutionStep,
  Expectation,
  RehearsalPolicy,
  Runbook,
  ValidationItem,
  ValidationStatement,
} from '../model/runbook.ts';
import { durationMs } from './fields.ts';
import type { ChecklistEntry, ExecutionEntry, RunbookFile, StatementEntry, ValidationEntry } from './schema.ts';

/** A validation with the text of its statements. Never put into a history. */
export interface ValidationItemWithSql extends Omit<ValidationItem, 'statements'> {
  readonly statements: readonly StatementWithSql[];
}

export interface StatementWithSql extends ValidationStatement {
  readonly sql: string;
}

/** sha256 as 64 hex digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function toDefinition(file: RunbookFile): Runbook {
  const { approvalTimeout, drain, drainTimeout } = file.window;
  return {
    version: file.version,
    name: file.name,
    title: file.title,
    ...(file.description === undefined ? {} : { description: file.description }),
    schemas: file.schemas,
    ledgerSchema: file.ledgerSchema,
    migrations: present(file.migrations),
    ...(file.placeholders === undefined ? {} : { placeholders: file.placeholders }),
    ...(file.lint === undefined ? {} : { lint: file.lint }),
    checklist: file.checklist.map(toChecklistItem),
    window: {
      approvalTimeoutMs: durationMs(approvalTimeout),
      drainMs: durationMs(drain),
      drainTimeoutMs: durationMs(drainTimeout),
    },
    execution: file.execution.map(toStep),
    validation: file.validation.map((entry) => withoutSql(withSql(entry))),
    troubleshooting: file.troubleshooting.map((entry) => ({ ...entry, match: present(entry.match) })),
    ...(file.rehearsal === undefined ? {} : { rehearsal: toRehearsalPolicy(file.rehearsal) }),
  };
}

function toRehearsalPolicy({ stub, deviations }: NonNullable<RunbookFile['rehearsal']>): RehearsalPolicy {
  const { durationFactor, durationFloor } = deviations ?? {};
  return {
    ...(stub === undefined ? {} : { stub }),
    ...(durationFactor === undefined || durationFloor === undefined
      ? {}
      : { deviations: { durationFactor, durationFloorMs: durationMs(durationFloor) } }),
  };
}

function toChecklistItem(entry: ChecklistEntry): ChecklistItem {
  return { id: entry.id, title: entry.title, spec: toSpec(entry), waivable: entry.waivable };
}

function toSpec(entry: ChecklistEntry): CheckSpec {
  switch (entry.check) {
    case 'primary':
    case 'environment':
    case 'dry-run':
    case 'quiet':
      return { kind: entry.check };
    case 'dump-archives':
    case 'wal-archiving':
    case 'logical-backup':
    case 'pitr-backup':
    case 'rehearsal':
      return { kind: entry.check, maxAgeMs: durationMs(entry.maxAge) };
    case 'replica-lag':
      return { kind: entry.check, maxLagMs: durationMs(entry.maxLag) };
    default:
      return assertNever(entry);
  }
}

function toStep(entry: ExecutionEntry): ExecutionStep {
  const { id, title } = entry;
  switch (entry.step) {
    case 'status':
      return { kind: 'status', id, title, expect: entry.expect };
    case 'migrate':
      return { kind: 'migrate', id, title };
    case 'seed':
      return { kind: 'seed', id, title, module: entry.module };
    default:
      return assertNever(entry);
  }
}

/** A validation as it is run: with its SQL. */
export function withSql(entry: ValidationEntry): ValidationItemWithSql {
  return { ...present(entry), statements: entry.statements.map(toStatement) };
}

function toStatement(entry: StatementEntry): StatementWithSql {
  const sql = entry.explain ?? entry.sql ?? '';
  const mode = entry.explain === undefined ? 'query' : 'explain';
  const expect = entry.expect === undefined ? {} : { expect: present(entry.expect) as Expectation };
  return { mode, sqlDigest: sha256(sql), ...expect, sql };
}

function withoutSql(item: ValidationItemWithSql): ValidationItem {
  return { ...item, statements: item.statements.map(({ sql: _, ...statement }) => statement) };
}

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The value without members that are there but undefined: a definition holds what JSON holds. */
function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Present<T>;
}
