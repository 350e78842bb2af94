/**
 * Makes catalogs of different servers, roles and majors comparable, by taking out what is known to differ without meaning
 * anything. Pure. What cannot be taken out is told as a note.
 */
import type { CatalogObject } from '../fingerprint.ts';

export interface Side {
  readonly objects: readonly CatalogObject[];
  readonly major: number;
}

export interface ComparableSides {
  readonly before: readonly CatalogObject[];
  readonly now: readonly CatalogObject[];
  readonly notes: readonly string[];
}

/** First major whose NOT NULL constraints have rows of their own; before, the column alone says it. */
const NOT_NULL_CONSTRAINTS = 18;
/** First major with the privilege MAINTAIN, which every owner has. */
const MAINTAIN = 17;

export function acrossMajors(before: Side, now: Side): ComparableSides {
  if (before.major === now.major) return { before: before.objects, now: now.objects, notes: [] };
  const older = Math.min(before.major, now.major);
  const seen = ({ objects }: Side) => objects.flatMap((object) => asOlder(object, older));
  return {
    before: seen(before),
    now: seen(now),
    notes: [
      `PostgreSQL ${before.major} and ${now.major}: a view, or an expression, may differ in its wording alone; ` +
        'names of NOT NULL constraints and the privilege MAINTAIN are left out where one of them has none',
    ],
  };
}

function asOlder(object: CatalogObject, older: number): CatalogObject[] {
  if (older < NOT_NULL_CONSTRAINTS && object.kind === 'constraint' && object.definition.startsWith('NOT NULL '))
    return [];
  if (older >= MAINTAIN) return [object];
  return [
    { ...object, definition: object.definition.replace(GRANTS, (grants) => grants.replace(MAINTAIN_LETTER, '$1')) },
  ];
}

/** `grants anna=arwdDxtm/anna,…`, the words of a fingerprint. */
const GRANTS = /\bgrants \S+/;
const MAINTAIN_LETTER = /(=[a-zA-Z*]*?)m\*?(?=[a-zA-Z*]*\/)/g;

/** Owners and privileges left out: for another server, which has other roles. */
export function withoutRoles(objects: readonly CatalogObject[]): readonly CatalogObject[] {
  return objects
    .filter(({ kind }) => kind !== 'default privileges')
    .map((object) => ({
      ...object,
      definition: object.definition.replace(/^owner ("[^"]*"|\S+) ?/, '').replace(/ ?\bgrants \S+/, ''),
    }));
}

/** What one role made, as if another had: for files that were applied by somebody else. Names as the catalog prints them. */
export function asMadeBy(objects: readonly CatalogObject[], role: { readonly was: string; readonly is: string }) {
  if (role.was === role.is) return objects;
  const was = escaped(role.was);
  const owner = new RegExp(`^owner ${was}(?= |$)`);
  const grants = new RegExp(`(^|[,/ ])${was}(?==|,|/| |$)`, 'g');
  return objects.map((object) => ({
    ...object,
    definition: object.definition
      .replace(owner, () => `owner ${role.is}`)
      .replace(/\bgrants \S+/, (text) => sorted(text.replace(grants, (_, lead: string) => `${lead}${role.is}`))),
  }));
}

/** Grants print in the order of their texts, which another name changes. */
function sorted(grants: string): string {
  const items = grants.slice('grants '.length).split(',');
  return `grants ${items.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join(',')}`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
