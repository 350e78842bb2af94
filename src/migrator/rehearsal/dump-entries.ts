/**
 * Takes the text of `pg_dump --schema-only` apart into its entries, one per object, each of which the server can be sent as it
 * is. It relies on the comment that pg_dump writes above every entry, and drops what only psql understands. Pure.
 */

export interface DumpEntry {
  /** `TABLE`, `EXTENSION`, `ACL` … */
  readonly type: string;
  /** `TABLE app.parents`: for people. */
  readonly what: string;
  readonly sql: string;
}

export interface SchemaDump {
  /** Settings that the entries rely on, one statement each. */
  readonly settings: readonly string[];
  readonly entries: readonly DumpEntry[];
}

const HEADER = /^--\n-- Name: (.*); Type: ([^;\n]*); Schema: (.*?); Owner: .*\n--\n/gm;
/** `\restrict` and `\unrestrict` with their key, as pg_dump writes them since 2025, around everything else. */
const FOR_PSQL = /^\\(un)?restrict [A-Za-z0-9]+$/gm;

/**
 * Mappings of users hold passwords of other servers; they are left out. So is whatever connects to other servers by itself.
 */
const LEFT_OUT: readonly string[] = ['USER MAPPING', 'SUBSCRIPTION'];

export function dumpEntries(text: string): SchemaDump {
  const plain = withoutPsqlCommands(text);
  const headers = [...plain.matchAll(HEADER)];
  const first = headers[0]?.index ?? plain.length;
  const entries = headers.map((header, index) => {
    const [whole, name = '', type = '', schema = '-'] = header;
    const sql = plain.slice(header.index + whole.length, headers[index + 1]?.index ?? plain.length).trim();
    return { type, what: `${type} ${schema === '-' ? '' : `${schema}.`}${name}`, sql };
  });
  return {
    settings: statementLines(plain.slice(0, first)),
    entries: entries.filter(({ type, sql }) => sql !== '' && !LEFT_OUT.includes(type)),
  };
}

/** Only the first and the last of them are pg_dump's own: what stands between may be the text of a function. */
function withoutPsqlCommands(text: string): string {
  const found = [...text.matchAll(FOR_PSQL)];
  const ours = [found[0], found.at(-1)].filter((match) => match !== undefined);
  return [...new Set(ours)]
    .sort((a, b) => b.index - a.index)
    .reduce((rest, match) => rest.slice(0, match.index) + rest.slice(match.index + match[0].length), text);
}

/** The head of a dump has one statement per line. */
function statementLines(head: string): string[] {
  return head.split('\n').filter((line) => /^(SET|SELECT) .*;$/.test(line));
}

/** The entry without the statement that gives its object to another role. */
export function withoutOwner(entry: DumpEntry): DumpEntry {
  return { ...entry, sql: entry.sql.replace(/^ALTER .* OWNER TO .*;$/gm, '') };
}
