/** `backup`: takes a dump of the whole database, reads it to its end, and leaves a note beside it of what it is of. */
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import { type DumpProgress, takeDump } from '../../checks/backups/dump/take-dump.ts';
import { shortBytes } from '../../model/table-size.ts';
import { dumpText, writingText } from '../../report/dump-text.ts';
import type { Call, CommandSpec } from '../command.ts';
import type { DatabaseChoice } from '../database-choice.ts';

/** Below the checkout, or the working directory where no target was named. */
const DEFAULT_DIRECTORY = '.drydock/backups';

export const backupCommand: CommandSpec<{ readonly into?: string }> = {
  name: 'backup',
  about: 'Take a dump of the whole database by pg_dump, and prove that it can be read to its end.',
  options: [['--into <path>', `the directory for it; default: dumpDirectory of the target, or ${DEFAULT_DIRECTORY}`]],
  migrations: 'not-needed',
  work: async (call, { into }) => {
    const choice = await call.database();
    const taken = await takeDump({
      url: choice.url,
      directory: directoryOf(call, choice, into),
      who: `${call.environment.user ?? userInfo().username}@${hostname()}`,
      onProgress: (progress) => call.print(progressText(progress)),
      signal: call.signal,
    });
    return { json: taken, text: dumpText(taken) };
  },
};

function directoryOf({ root }: Call, { target }: DatabaseChoice, into: string | undefined): string {
  if (into !== undefined) return path.resolve(into);
  if (target === undefined) return path.resolve(DEFAULT_DIRECTORY);
  return path.resolve(root, target.backups.dumpDirectory ?? DEFAULT_DIRECTORY);
}

function progressText(progress: DumpProgress): string {
  if (progress.kind === 'began') return `dumping ${progress.database} by ${progress.program} to ${progress.file}`;
  if (progress.kind === 'writing') return writingText(progress.bytes, progress.elapsedMs);
  return `reading ${shortBytes(progress.bytes)} to the end`;
}
