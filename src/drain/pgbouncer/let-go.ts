/** Lets clients of one pooler through again: RESUME first, then its settings as they were. Harmless where it is done already. */
import { systemClock } from '../../postgres/clock.ts';
import type { HeldThing, LetGoContext } from '../held-thing.ts';
import { withConsole } from './console.ts';
import { resume } from './pause.ts';
import { addressOf, poolerOf } from './pooler-of.ts';
import { type FormerSettings, hasten, restore } from './waiting-limits.ts';

/** What is noted of a pooler. */
export interface PoolerFormer {
  /** What was in force before they were changed. */
  readonly settings: FormerSettings;
}

/** Gives one line on what was done. Errors: `pooler-unknown`, `secret-missing`, those of the console. */
export async function letGoOfPooler({ name, former }: HeldThing, context: LetGoContext): Promise<string> {
  const pooler = poolerOf(context.target, name);
  const { database } = pooler;
  const { clock = systemClock, signal } = context;
  const settings = (former as Partial<PoolerFormer> | null)?.settings ?? {};
  return withConsole(await addressOf(pooler, context), async (admin) => {
    const was = await resume(admin, database, () => hasten(admin, settings));
    const restored = await restore(admin, { database, former: settings, clock, ...(signal ? { signal } : {}) });
    const done = was === 'resumed' ? `${name}: ${database} resumed` : `${name}: ${database} was not paused`;
    return [done, ...restored].join(', ');
  });
}
