/**
 * Remembers the catalog after each migration, so that the way down can be compared with the way up. Only what changed between
 * two neighbours is kept: a thousand whole catalogs would not fit into memory.
 */
import type { CatalogObject, Objects } from '../fingerprint.ts';

/** What to do to the later of two neighbours to get the earlier one. */
interface Step {
  readonly gone: readonly string[];
  readonly set: readonly CatalogObject[];
}

export class CatalogTrail {
  #steps: Step[] = [];
  #objects: Map<string, CatalogObject>;

  constructor(start: Objects) {
    this.#objects = indexed(start);
  }

  push(next: Objects): void {
    const after = indexed(next);
    const gone = [...after.keys()].filter((key) => !this.#objects.has(key));
    const set = [...this.#objects].filter(([key, object]) => after.get(key)?.definition !== object.definition);
    this.#steps.push({ gone, set: set.map(([, object]) => object) });
    this.#objects = after;
  }

  /** Goes back to the one before the last, and gives it. */
  pop(): Objects {
    const step = this.#steps.pop();
    if (!step) throw new RangeError('the trail is at its beginning');
    for (const key of step.gone) this.#objects.delete(key);
    for (const object of step.set) this.#objects.set(keyOf(object), object);
    return this.last();
  }

  last(): Objects {
    return { objects: [...this.#objects.values()] };
  }
}

function indexed({ objects }: Objects): Map<string, CatalogObject> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

/** Several objects of one kind may bear one name only where they are overloads, and then their id says which. */
function keyOf({ kind, id }: CatalogObject): string {
  return `${kind} ${id}`;
}
