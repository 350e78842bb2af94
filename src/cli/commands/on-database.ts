/**
 * What small commands on one database share: arguments, the URL, the connection, the answer as text or JSON, and errors
 * without a stack trace. It knows nothing of what the command does.
 */
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import { connect } from '../../postgres/connect.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';
import { problemText } from '../../report/problem-text.ts';
import { databaseVariable, readEnvironment } from '../environment.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { paletteFor } from '../palette.ts';

/** What a command says when it is done: a JSON-safe value, and the same for people without a newline at the end. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
}

export interface DatabaseCommand<Flag extends string> {
  /** Path of the script below the checkout, for usage texts. */
  readonly script: string;
  /** The database that `--url` is left out for: `communication` for `COMMUNICATION_DATABASE_URL`. */
  readonly database: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** One sentence for `--help`. */
  readonly about: string;
  /** The command's own switches and what `--help` says about them. */
  readonly flags: Readonly<Record<Flag, string>>;
  work(client: pg.Client, given: Readonly<Record<Flag, boolean>>): Promise<Answer>;
}

/** @returns the exit code: 0 done, 1 failed, 2 usage. */
export async function runDatabaseCommand<Flag extends string>(
  command: DatabaseCommand<Flag>,
  argv: readonly string[],
): Promise<number> {
  const json = argv.includes('--json');
  try {
    const given = parse(command, argv);
    if (given.help) print(process.stdout, usage(command));
    else {
      const answer = await work(command, given);
      print(process.stdout, json ? JSON.stringify(answer.json) : answer.text);
    }
    return 0;
  } catch (error) {
    const problem = isProblemError(error) ? error.problem : problemFromPg(error, { doing: command.script });
    if (json) print(process.stdout, JSON.stringify({ problem }, null, 2));
    else print(process.stderr, problemText(problem, paletteFor(process.stderr, readEnvironment())));
    return exitCodeOf(problem);
  }
}

interface Given<Flag extends string> {
  readonly help: boolean;
  readonly url: string | undefined;
  readonly flags: Readonly<Record<Flag, boolean>>;
}

async function work<Flag extends string>(command: DatabaseCommand<Flag>, given: Given<Flag>): Promise<Answer> {
  const url = given.url ?? readEnvironment().databaseUrl(command.database) ?? noUrl(command);
  const session = await connect({ url, applicationName: command.applicationName });
  try {
    return await command.work(session.client, given.flags);
  } finally {
    await session.close();
  }
}

function parse<Flag extends string>(command: DatabaseCommand<Flag>, argv: readonly string[]): Given<Flag> {
  const names = Object.keys(command.flags) as Flag[];
  const switches = Object.fromEntries(['json', 'help', ...names].map((name) => [name, { type: 'boolean' as const }]));
  try {
    const { values } = parseArgs({ args: [...argv], options: { ...switches, url: { type: 'string' } }, strict: true });
    const { help, url, ...rest }: Readonly<Record<string, string | boolean | undefined>> = values;
    const flags = Object.fromEntries(names.map((name) => [name, rest[name] === true])) as Record<Flag, boolean>;
    return { help: help === true, url: typeof url === 'string' ? url : undefined, flags };
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ')[0]! : String(error);
    throw new ProblemError({ code: 'usage', message, next: `pnpm tsx ${command.script} --help` });
  }
}

function noUrl({ script, database }: { readonly script: string; readonly database: string }): never {
  throw new ProblemError({
    code: 'database-url-missing',
    message: 'no database was named',
    found: `no --url, and ${databaseVariable(database)} is not set`,
    expected: 'a URL such as postgres://user:password@host:5432/database',
    next: `pnpm tsx ${script} --url $URL`,
  });
}

function usage<Flag extends string>(command: DatabaseCommand<Flag>): string {
  const options: [string, string][] = [
    ['--url <url>', `the database; default: ${databaseVariable(command.database)}`],
    ...Object.entries<string>(command.flags).map(([name, about]): [string, string] => [`--${name}`, about]),
    ['--json', 'print JSON'],
    ['--help', 'print this'],
  ];
  const lines = options.map(([name, about]) => `  ${name.padEnd(12)} ${about}`);
  return [`Usage: pnpm tsx ${command.script} [options]`, '', command.about, '', ...lines].join('\n');
}

function print(stream: NodeJS.WritableStream, text: string): void {
  stream.write(`${text}\n`);
}
