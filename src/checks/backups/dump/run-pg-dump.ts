/** Runs pg_dump into a file and tells how far it is. Its session carries our name, and the password goes by a file of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { withPassFile } from '../../../migrator/save-by-dump.ts';
import { parseDatabaseUrl } from '../../../postgres/database-url.ts';
import { dumpFailed } from './dump-problems.ts';
import type { DumpProgress } from './take-dump.ts';

export interface PgDumpRun {
  readonly url: string;
  readonly program: string;
  readonly application: string;
  readonly file: string;
  readonly onProgress: (progress: DumpProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

const TELL_EVERY_MS = 1_000;
const KEPT_ERRORS = 4_000;
const SHOWN_LINES = 5;

/** Behind a table that somebody holds for itself it gives up, rather than stand in a queue where others would wait for it. */
const LOCK_WAIT_MS = 60_000;

/** One that was ended while it waits for a lock would stay in the queue otherwise, until it gets the lock. */
const LIVENESS = [
  'client_connection_check_interval=1000',
  'tcp_keepalives_idle=5',
  'tcp_keepalives_interval=2',
  'tcp_keepalives_count=3',
];

/** Ends when pg_dump has ended; on an abort pg_dump is ended first. Error: `dump-failed`. */
export async function runPgDump(run: PgDumpRun): Promise<void> {
  const { program, file } = run;
  const options = ['--format=custom', `--file=${file}`, `--lock-wait-timeout=${LOCK_WAIT_MS}`, '--no-password'];
  await withPassFile(named(run), async (dbname) => {
    run.signal?.throwIfAborted();
    const child = spawn(program, [...options, `--dbname=${dbname}`], { stdio: ['ignore', 'ignore', 'pipe'] });
    const end = (): void => void child.kill();
    run.signal?.addEventListener('abort', end, { once: true });
    const startedAt = performance.now();
    const timer = setInterval(() => void tell(run, startedAt), TELL_EVERY_MS);
    try {
      const { exitCode, errors } = await outcomeOf(child);
      if (exitCode !== 0) throw dumpFailed(program, lastLines(errors));
    } finally {
      clearInterval(timer);
      run.signal?.removeEventListener('abort', end);
    }
  });
}

/** What the URL itself calls the session would win over everything else that could be said. */
function named({ url, application }: PgDumpRun): string {
  const parsed = parseDatabaseUrl(url);
  parsed.searchParams.delete('fallback_application_name');
  parsed.searchParams.set('application_name', application);
  const options = [parsed.searchParams.get('options') ?? '', ...LIVENESS.map((setting) => `-c ${setting}`)];
  parsed.searchParams.set('options', options.join(' ').trim());
  return parsed.href;
}

async function tell({ file, onProgress }: PgDumpRun, startedAt: number): Promise<void> {
  const stats = await stat(file).catch(() => undefined);
  if (stats) onProgress({ kind: 'writing', bytes: stats.size, elapsedMs: performance.now() - startedAt });
}

function outcomeOf(child: ChildProcess): Promise<{ readonly exitCode: number | null; readonly errors: string }> {
  let errors = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-KEPT_ERRORS);
  });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ exitCode: null, errors: message }));
    child.once('close', (exitCode) => resolve({ exitCode, errors }));
  });
}

/** Without the statement that failed, which is ours and long. */
function lastLines(errors: string): string {
  const lines = errors.trim().split('\n');
  return lines
    .filter((line) => !/(detail: Query was|Command was|query was):/i.test(line))
    .slice(-SHOWN_LINES)
    .join('\n');
}
