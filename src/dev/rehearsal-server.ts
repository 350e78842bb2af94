/**
 * A PostgreSQL of this machine for the length of one rehearsal. The one thing of src/dev that the command line may load, and
 * only when a rehearsal asks for it: whatever happens to this process, its reaper ends the server.
 */
import type { Environment } from '../cli/environment.ts';
import { startPostgres } from './postgres/start-postgres.ts';
import { describeProgress } from './progress.ts';
import { startReaper } from './reaper/start-reaper.ts';

export interface RehearsalServer {
  readonly superuserUrl: string;
  readonly stop: () => Promise<void>;
}

/** Nothing on it has to survive a power cut. Throws the Problem `postgres-not-found` where none can be started. */
export async function startRehearsalServer(
  environment: Environment,
  print: (line: string) => void,
): Promise<RehearsalServer> {
  const reaper = startReaper();
  try {
    const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
    const onProgress = (event: Parameters<typeof describeProgress>[0]) => print(describeProgress(event));
    const server = await startPostgres({ reaper, environment, settings, onProgress });
    const stop = async () => {
      await server.stop();
      await reaper.close();
    };
    return { superuserUrl: server.superuserUrl, stop };
  } catch (error) {
    await reaper.close();
    throw error;
  }
}
