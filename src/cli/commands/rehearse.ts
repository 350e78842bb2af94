/** `rehearse`: up, down and up again on a throw-away database like the target, and what that showed. */
import path from 'node:path';
import { keepInFiles, keepOnTarget } from '../../migrator/rehearsal/keep-rehearsal.ts';
import type { On } from '../../migrator/rehearsal/place.ts';
import { rehearse } from '../../migrator/rehearsal/rehearse.ts';
import { readStub } from '../../migrator/rehearsal/stub.ts';
import type { SqlFile } from '../../migrator/sql-file.ts';
import { ProblemError } from '../../model/problem.ts';
import type { Rehearsal } from '../../model/rehearsal.ts';
import { parseDatabaseUrl } from '../../postgres/database-url.ts';
import { rehearsalMarkdown } from '../../report/migrator/rehearsal-document.ts';
import { rehearsalEventText } from '../../report/migrator/rehearsal-event-text.ts';
import { rehearsalText } from '../../report/migrator/rehearsal-text.ts';
import type { Answer, Call, CommandSpec } from '../command.ts';

interface RehearseFlags {
  readonly on?: string;
  readonly all?: boolean;
  readonly from?: string;
  readonly stub?: string;
}

export const rehearseCommand: CommandSpec<RehearseFlags> = {
  name: 'rehearse',
  about: 'Try what is pending on a throw-away database: up, down, up again. Says which rollback does not mirror.',
  options: [
    ['--on <where>', 'same-server, embedded, or the URL of a server where databases may be made'],
    ['--all', 'rehearse every migration from an empty database, also those that are applied'],
    ['--from <source>', 'the schema to start from: dump (the default, where a pg_dump fits) or files'],
    ['--stub <file>', 'SQL that makes what the migrations refer to, where the schema is not dumped'],
  ],
  work: async (call, flags) => {
    const target = await call.migratorOptions();
    const { target: named } = await call.database();
    const rehearsal = await rehearse({
      target,
      environment: named?.environment,
      on: placeOf(flags),
      scope: flags.all ? 'all' : 'pending',
      from: sourceOf(flags) === 'files' ? 'files' : 'dump-or-files',
      stub: await stubOf(call, flags),
      startEmbedded: async () => {
        const { startRehearsalServer } = await import('../../dev/rehearsal-server.ts');
        return startRehearsalServer(call.environment, call.print);
      },
      emit: (event) => call.print(rehearsalEventText(event)),
      signal: call.signal,
    });
    return keep(call, target.url, rehearsal);
  },
};

async function keep(call: Call, url: string, rehearsal: Rehearsal): Promise<Answer> {
  const problem = await keepOnTarget(url, rehearsal);
  if (problem) call.print(rehearsalEventText({ kind: 'rehearsal-not-stored', problem }));
  const files = await keepInFiles(path.join(call.set.root, '.drydock', 'rehearsals'), rehearsal, {
    json: `${JSON.stringify(rehearsal, null, 2)}\n`,
    md: rehearsalMarkdown(rehearsal),
  });
  const shown = files.map((file) => path.relative(process.cwd(), file)).join(', ');
  return {
    json: { rehearsal, stored: problem === null, files },
    text: `\n${rehearsalText(rehearsal, call.palette)}\n\nwritten to ${shown}`,
    exitCode: rehearsal.verdict === 'mirrors' ? 0 : 1,
  };
}

function placeOf({ on }: RehearseFlags): On {
  if (on === undefined) return { kind: 'chosen' };
  if (on === 'same-server' || on === 'embedded') return { kind: on };
  // Refused here, because a word that is none of these is no URL either.
  parseDatabaseUrl(on);
  return { kind: 'url', url: on };
}

function sourceOf({ from, all }: RehearseFlags): string | undefined {
  if (from !== undefined && from !== 'dump' && from !== 'files') {
    throw usage(`--from ${from} is not known`, 'dump or files');
  }
  if (from !== undefined && all) throw usage('--from was given with --all', 'one of them: --all begins with nothing');
  return from;
}

/** `--stub`, seen from where the command was called; else the one that the runbook declares. */
async function stubOf({ set }: Call, { stub }: RehearseFlags): Promise<SqlFile | null> {
  if (stub !== undefined) return readStub(process.cwd(), stub);
  const declared = set.runbook?.definition.rehearsal?.stub;
  return declared === undefined ? null : readStub(set.root, declared);
}

function usage(message: string, expected: string): ProblemError {
  return new ProblemError({ code: 'usage', message, expected, next: 'run `rehearse --help`' });
}
