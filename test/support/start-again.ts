/** A PostgreSQL of a test's own, started once more after it was killed. */
import { type PostgresOptions, type PostgresServer, startPostgres } from '../../src/dev/postgres/start-postgres.ts';

/** Tries for ten seconds: a dying server holds its port for a moment. */
export async function startAgain(options: PostgresOptions): Promise<PostgresServer> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await startPostgres(options);
    } catch (error) {
      if (tries > 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
