/** Finds where a statement's first word stands behind white space and comments, as PostgreSQL reads them (block comments nest). */

/** The index of the first character at or after `from` that is neither white space nor comment. */
export function skipToStatement(sql: string, from: number): number {
  let at = from;
  for (;;) {
    const next = skipOne(sql, at);
    if (next === at) return at;
    at = next;
  }
}

function skipOne(sql: string, at: number): number {
  if (/\s/.test(sql[at] ?? '')) return at + 1;
  if (sql.startsWith('--', at)) {
    const lineEnd = sql.indexOf('\n', at);
    return lineEnd < 0 ? sql.length : lineEnd + 1;
  }
  return sql.startsWith('/*', at) ? skipBlock(sql, at) : at;
}

function skipBlock(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
}
