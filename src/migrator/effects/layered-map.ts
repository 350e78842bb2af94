/**
 * A map that is never changed: a change makes a new one that shares almost all of the old. A plan of a thousand files makes
 * thousands of them, and copying the whole each time was most of what a look at such a plan took. It keeps a Map's order.
 */

/** So many changes are kept beside the whole before they are worked into it. */
const MOST_RECENT = 32;

export class LayeredMap<Value extends object> {
  readonly base: ReadonlyMap<string, Value>;
  /** What differs from `base`; undefined: gone. */
  readonly recent: ReadonlyMap<string, Value | undefined>;

  private constructor(base: ReadonlyMap<string, Value>, recent: ReadonlyMap<string, Value | undefined>) {
    this.base = base;
    this.recent = recent;
  }

  /** The map must not be changed afterwards. */
  static of<Value extends object>(whole: ReadonlyMap<string, Value>): LayeredMap<Value> {
    return new LayeredMap(whole, new Map());
  }

  get(key: string): Value | undefined {
    const near = this.recent.get(key);
    if (near !== undefined || this.recent.has(key)) return near;
    return this.base.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** A key that is there keeps its place; another one comes last. */
  with(key: string, value: Value): LayeredMap<Value> {
    // One that was removed and comes back does so at the end.
    if (this.recent.has(key) && this.recent.get(key) === undefined) return LayeredMap.of(this.whole()).with(key, value);
    return new LayeredMap(this.base, new Map(this.recent).set(key, value)).settled();
  }

  without(key: string): LayeredMap<Value> {
    if (!this.has(key)) return this;
    const recent = new Map(this.recent);
    if (this.base.has(key)) recent.set(key, undefined);
    else recent.delete(key);
    return new LayeredMap(this.base, recent).settled();
  }

  values(): Value[] {
    return [...this.whole().values()];
  }

  private settled(): LayeredMap<Value> {
    return this.recent.size < MOST_RECENT ? this : LayeredMap.of(this.whole());
  }

  private whole(): ReadonlyMap<string, Value> {
    if (this.recent.size === 0) return this.base;
    const whole = new Map(this.base);
    for (const [key, value] of this.recent) {
      if (value === undefined) whole.delete(key);
      else whole.set(key, value);
    }
    return whole;
  }
}
