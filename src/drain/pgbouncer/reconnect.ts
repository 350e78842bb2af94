/** Has poolers open their connections to the database anew: what a connection remembers of tables is from before the migration. */
import { isProblemError } from '../../model/problem.ts';
import type { LetGoContext } from '../held-thing.ts';
import { quoted, withConsole } from './console.ts';
import { addressOf, poolersOf } from './pooler-of.ts';

/**
 * One line for each pooler of the target; none where it has none. A pause has closed their connections already: this is for those opened
 * since, and a pooler that is too old to know the command is named as such. It cuts nobody off: a connection is closed when its client
 * gives it back. Errors: those of the consoles, `secret-missing`.
 */
export function reconnect({ target, secret }: Pick<LetGoContext, 'target' | 'secret'>): Promise<readonly string[]> {
  return Promise.all(
    poolersOf(target).map(async (pooler) =>
      withConsole(await addressOf(pooler, { secret }), async (admin) => {
        try {
          await admin.command(`RECONNECT ${quoted(pooler.database)}`);
          return `${pooler.name}: connections to ${pooler.database} are opened anew as they are given back`;
        } catch (error) {
          if (!isProblemError(error) || error.problem.code !== 'pooler-refused') throw error;
          return `${pooler.name} does not know RECONNECT: its connections stay`;
        }
      }),
    ),
  );
}
