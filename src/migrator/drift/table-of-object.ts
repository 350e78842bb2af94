/** Which table a catalog object belongs to, read from its name or definition: differences are told table by table. */

const PART_OF_TABLE = ['column', 'constraint', 'trigger', 'policy', 'rule', 'publication'];
const TABLES = ['table', 'foreign table', 'view', 'materialized view'];

/** A name in catalog form: plain or quoted. */
const NAME = /(?:"(?:[^"]|"")*"|[^".\s()]+)/.source;
const QUALIFIED = `${NAME}\\.${NAME}`;
const FIRST_TWO = new RegExp(`^${QUALIFIED}`);
const OF_INDEX = new RegExp(` ON (?:ONLY )?(${QUALIFIED}) USING `);
const OF_SEQUENCE = new RegExp(` owned by (${QUALIFIED})\\.`);

/** `communication.messages`; null where the object belongs to no table. `definition` is the one of either side. */
export function tableOfObject(kind: string, id: string, definition: string): string | null {
  if (TABLES.includes(kind) || PART_OF_TABLE.includes(kind)) return FIRST_TWO.exec(id)?.[0] ?? null;
  if (kind === 'index') return OF_INDEX.exec(definition)?.[1] ?? null;
  if (kind === 'sequence') return OF_SEQUENCE.exec(definition)?.[1] ?? null;
  return null;
}
