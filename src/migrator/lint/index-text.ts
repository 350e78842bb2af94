/** CREATE INDEX as written, with another name, on another table, or CONCURRENTLY. */
import type { IndexStmt } from 'libpg-query';
import { derivedName, quoteName } from './names.ts';

/** The index's name, or the one that it should be given. */
export function indexNameOf(index: IndexStmt): string {
  if (index.idxname) return index.idxname;
  const columns = (index.indexParams ?? []).flatMap((one) =>
    'IndexElem' in one && one.IndexElem.name ? [one.IndexElem.name] : [],
  );
  return derivedName(index.relation?.relname ?? '', ...columns, 'idx');
}

/** Built CONCURRENTLY, with a name: without one a cancelled build could not be found again. */
export function concurrentText(index: IndexStmt, text: string): string {
  const { head, rest } = partsOf(text);
  return `${head} CONCURRENTLY ${quoteName(indexNameOf(index))} ${rest}`;
}

/** `ON ONLY` the partitioned table itself: an index without content, to which those of the partitions are attached. */
export function onOnlyText(index: IndexStmt, text: string): string {
  const { head, rest } = partsOf(text);
  return `${head} ${quoteName(indexNameOf(index))} ${rest.replace(/^on\s+(only\s+)?/i, 'ON ONLY ')}`;
}

/** The same index on one partition, CONCURRENTLY. `table` is written as it has to stand in SQL. */
export function onPartitionText(text: string, name: string, table: string): string {
  const { head, rest } = partsOf(text);
  const behind = rest.replace(/^on\s+(only\s+)?(("[^"]+"|[\w$]+)\s*\.\s*)?("[^"]+"|[\w$]+)/i, '');
  return `${head} CONCURRENTLY ${quoteName(name)} ON ${table}${behind}`;
}

/** `CREATE UNIQUE INDEX`, and everything from `ON`. */
function partsOf(text: string): { readonly head: string; readonly rest: string } {
  const begin =
    /^(create\s+(?:unique\s+)?index)(?:\s+concurrently)?(?:\s+if\s+not\s+exists)?\s+(?:(?!on\s)(?:"(?:[^"]|"")+"|[^\s"]+)\s+)?(?=on\s)/i;
  const head = begin.exec(text)?.[1] ?? 'CREATE INDEX';
  return { head, rest: text.replace(begin, '') };
}
