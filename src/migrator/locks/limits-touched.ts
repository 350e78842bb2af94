/**
 * Whether a statement of a file changes the limits that we set for it, told from its text and tree: by SET and RESET, or
 * somewhere inside a block or a function, where it can only be suspected.
 */
import type { Node, VariableSetStmt } from 'libpg-query';
import type { SqlStatement } from '../sql-statement.ts';

/** Settings that a part's limits are made of. */
export const LIMITS = ['lock_timeout', 'statement_timeout'] as const;
export type Limit = (typeof LIMITS)[number];

export type LimitChange =
  /** `valueMs` undefined: a value that is no duration we can read. */
  | { readonly kind: 'set'; readonly limit: Limit; readonly asked: string; readonly valueMs: number | undefined }
  /** Back to what the session was started with. */
  | { readonly kind: 'reset'; readonly limit: Limit }
  /** Inside a block: it holds while the block runs, and we cannot prevent it. */
  | { readonly kind: 'inside'; readonly limit: Limit }
  /** Runs code that may have changed any of them. */
  | { readonly kind: 'perhaps' };

export function limitChanges({ node, text, body }: SqlStatement): LimitChange[] {
  if ('VariableSetStmt' in node) return fromSet(node.VariableSetStmt);
  const inside = insideOf(node, text, body?.statements ?? []);
  const perhaps: LimitChange[] =
    mayRunCode(node) || /\b(?:set_config|pg_settings)\b|&["']/i.test(text) ? [{ kind: 'perhaps' }] : [];
  return [...inside.map((limit): LimitChange => ({ kind: 'inside', limit })), ...perhaps];
}

function fromSet({ kind, name, args }: VariableSetStmt): LimitChange[] {
  if (kind === 'VAR_RESET_ALL') return LIMITS.map((limit) => ({ kind: 'reset', limit }));
  const limit = LIMITS.find((one) => one === name?.toLowerCase());
  if (!limit) return [];
  if (kind !== 'VAR_SET_VALUE') return [{ kind: 'reset', limit }];
  const asked = constantText(args?.[0]);
  return [{ kind: 'set', limit, asked, valueMs: milliseconds(asked) }];
}

/** A function is only made here, and not run. */
function insideOf(node: Node, text: string, statements: readonly Node[]): Limit[] {
  const sets = statements.flatMap((one) => ('VariableSetStmt' in one ? fromSet(one.VariableSetStmt) : []));
  const named = sets.flatMap((change) => (change.kind === 'set' ? [change.limit] : []));
  const written = 'CreateFunctionStmt' in node ? [] : LIMITS.filter((limit) => mentions(text, limit));
  return [...new Set([...named, ...written])];
}

function mentions(text: string, limit: Limit): boolean {
  return new RegExp(`set_config\\s*\\(\\s*'+${limit}|\\bset\\s+(local\\s+|session\\s+)?${limit}\\b`, 'i').test(text);
}

function mayRunCode(node: Node): boolean {
  return 'DoStmt' in node || 'CallStmt' in node || ('SelectStmt' in node && !isPlainSelect(node));
}

/** Without a function call in its list, as written by people who check something. */
function isPlainSelect(node: Node): boolean {
  return !JSON.stringify(node).includes('"FuncCall"');
}

function constantText(arg: Node | undefined): string {
  const constant = arg && 'A_Const' in arg ? arg.A_Const : undefined;
  if (!constant) return '';
  if (constant.sval) return constant.sval.sval ?? '';
  if (constant.fval) return constant.fval.fval ?? '';
  return String(constant.ival?.ival ?? 0);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  '': 1,
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** As PostgreSQL reads a setting of time: milliseconds where no unit is written. */
function milliseconds(value: string): number | undefined {
  const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(value) ?? [];
  return amount === undefined ? undefined : Math.round(Number(amount) * UNIT_MS[unit]!);
}
