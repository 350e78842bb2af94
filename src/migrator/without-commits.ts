/**
 * Makes of a block that commits by itself one that does the same in a transaction of ours: its COMMIT and ROLLBACK are put out of
 * its text, and out of the procedures that it may call. Where it comes to a ROLLBACK, it fails. For trying only: what is run for good
 * is the block as it stands.
 */
import './parser-start.ts';
import { type Node, type ScanToken, scan } from 'libpg-query';
import { dollarQuoted } from './dollar-quoted.ts';
import type { GuardedTransaction } from './guarded-transaction.ts';
import type { SqlStatement } from './sql-statement.ts';
import { rowsOf, type Work } from './work.ts';

/** Undefined where it is in a language that cannot be read. Procedures of others, or in other languages, still commit. */
export async function withoutCommits(work: Work, block: GuardedTransaction): Promise<GuardedTransaction | undefined> {
  const [statement] = block.statements;
  const text = statement && (await quietText(statement));
  if (text === undefined) return undefined;
  return {
    ...block,
    file: { path: block.file.path, sql: text, checksum: block.file.checksum },
    statements: [{ ...statement!, text, start: 0, end: text.length }],
    before: [...block.before, ...(await quietProcedures(work))],
  };
}

async function quietText({ node, text }: SqlStatement): Promise<string | undefined> {
  if (!('DoStmt' in node)) return text;
  const body = argument(node.DoStmt.args, 'as');
  const language = argument(node.DoStmt.args, 'language') ?? 'plpgsql';
  if (body === undefined || language.toLowerCase() !== 'plpgsql') return undefined;
  return `do ${dollarQuoted(await endsNothing(body))}`;
}

function argument(args: readonly Node[] | undefined, name: string): string | undefined {
  for (const arg of args ?? []) {
    const { defname, arg: value } = 'DefElem' in arg ? arg.DefElem : {};
    if (defname === name && value && 'String' in value) return value.String.sval ?? '';
  }
  return undefined;
}

/** Those that this role may replace; taken back with the try. */
async function quietProcedures(work: Work): Promise<string[]> {
  const procedures = await rowsOf<{ definition: string; body: string }>(
    work,
    `select pg_get_functiondef(p.oid) as definition, p.prosrc as body
       from pg_proc p join pg_language l on l.oid = p.prolang join pg_namespace n on n.oid = p.pronamespace
      where p.prokind = 'p' and l.lanname = 'plpgsql' and p.prosrc ~* '\\m(commit|rollback)\\M'
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and pg_has_role(p.proowner, 'usage')`,
  );
  return Promise.all(
    procedures.map(async ({ definition, body }) => {
      // The body is the last thing in it.
      const at = definition.lastIndexOf(body);
      return `${definition.slice(0, at)}${await endsNothing(body)}${definition.slice(at + body.length)};`;
    }),
  );
}

/** PL/pgSQL in which `commit;` only checks what a commit would check, and `rollback;` fails. */
export async function endsNothing(body: string): Promise<string> {
  if (!/commit|rollback/i.test(body)) return body;
  const bytes = Buffer.from(body, 'utf8');
  const { tokens: all } = await scan(scannable(body));
  const tokens = all.filter(({ tokenName }) => tokenName !== 'SQL_COMMENT' && tokenName !== 'C_COMMENT');
  const kept: string[] = [];
  let from = 0;
  tokens.forEach((token, index) => {
    const end = endOf(tokens, index);
    if (end === undefined) return;
    kept.push(bytes.toString('utf8', from, token.start), insteadOf(token));
    from = end;
  });
  return [...kept, bytes.toString('utf8', from)].join('');
}

function insteadOf({ text }: ScanToken): string {
  return text.toLowerCase() === 'commit' ? CHECK : REFUSE;
}

/** Triggers that wait for the commit would be in the way of a table's drop behind it. */
const CHECK = 'set constraints all immediate';
/**
 * What comes behind it would find what was not taken back, and might do something else than it will. EXCEPTION WHEN OTHERS does not
 * catch it.
 */
const REFUSE = "raise assert_failure using message = 'its ROLLBACK takes back what it did before'";

/** Of as many bytes: the scanner's answer cannot be read where a control character stands in the text. */
function scannable(text: string): string {
  return text.replaceAll('\r', '\n').replaceAll(/[\x01-\x08\x0b-\x1f\x7f]/g, ' ');
}

/** Where a COMMIT or ROLLBACK that begins with this token ends, before its semicolon; undefined where none begins. */
function endOf(tokens: readonly ScanToken[], index: number): number | undefined {
  const word = (at: number) => tokens[at]?.text.toLowerCase();
  if (word(index) !== 'commit' && word(index) !== 'rollback') return undefined;
  if (!BEFORE_A_STATEMENT.has(word(index - 1) ?? '')) return undefined;
  const chain = word(index + 1) === 'and' ? (word(index + 2) === 'no' ? 3 : 2) : 0;
  return word(index + chain + 1) === ';' ? tokens[index + chain]!.end : undefined;
}

/** The last one ends a label. */
const BEFORE_A_STATEMENT = new Set([';', 'begin', 'then', 'else', 'loop', '>>']);
