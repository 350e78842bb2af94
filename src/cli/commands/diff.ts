/** `diff`: what a database has that its applied migrations do not make, or the other way round; or two databases. */
import { diffDatabases, diffWithLedger, type Roles } from '../../migrator/drift/diff.ts';
import type { On } from '../../migrator/rehearsal/place.ts';
import { readStub } from '../../migrator/rehearsal/stub.ts';
import type { SchemaDiff } from '../../model/drift.ts';
import { ProblemError } from '../../model/problem.ts';
import { parseDatabaseUrl } from '../../postgres/database-url.ts';
import { diffText } from '../../report/migrator/diff-text.ts';
import type { Call, CommandSpec } from '../command.ts';

interface DiffFlags {
  readonly with?: string;
  readonly on?: string;
  readonly stub?: string;
  readonly ignoreRoles?: boolean;
}

export const diffCommand: CommandSpec<DiffFlags> = {
  name: 'diff',
  about:
    'Compare the schema with what the applied migrations make, or with another database. Exit code 3 where they differ.',
  options: [
    ['--with <url>', 'compare with this database instead; what only it has is told as missing'],
    ['--on <where>', 'where the migrations are applied: same-server, embedded, or the URL of a server'],
    [
      '--stub <file>',
      'SQL that makes what the migrations refer to; default: the rest of the database itself, by pg_dump',
    ],
    ['--ignore-roles', 'leave owners and privileges out'],
  ],
  work: async (call, flags) => {
    refuseMixture(flags);
    const diff = flags.with === undefined ? await withLedger(call, flags) : await withOther(call, flags.with, flags);
    return { json: diff, text: diffText(diff, call.palette), exitCode: diff.differences.length > 0 ? 3 : 0 };
  },
};

async function withLedger(call: Call, flags: DiffFlags): Promise<SchemaDiff> {
  const declared = call.set.runbook?.definition.rehearsal?.stub;
  const { target } = await call.database();
  return diffWithLedger({
    target: await call.migratorOptions(),
    environment: target?.environment,
    on: placeOf(flags),
    roles: rolesOf(flags),
    stub: flags.stub === undefined ? null : await readStub(process.cwd(), flags.stub),
    declaredStub: declared === undefined ? null : await readStub(call.set.root, declared),
    startEmbedded: async () => {
      const { startRehearsalServer } = await import('../../dev/rehearsal-server.ts');
      return startRehearsalServer(call.environment, call.print);
    },
  });
}

async function withOther(call: Call, withUrl: string, flags: DiffFlags): Promise<SchemaDiff> {
  const { url } = await call.database();
  const { schemas, ledgerSchema } = call.set;
  return diffDatabases({ url, withUrl, schemas, ledgerSchema, roles: rolesOf(flags) });
}

function rolesOf({ ignoreRoles }: DiffFlags): Roles {
  return ignoreRoles ? 'left-out' : 'compared';
}

function placeOf({ on }: DiffFlags): On {
  if (on === undefined) return { kind: 'chosen' };
  if (on === 'same-server' || on === 'embedded') return { kind: on };
  // Refused here, because a word that is none of these is no URL either.
  parseDatabaseUrl(on);
  return { kind: 'url', url: on };
}

function refuseMixture(flags: DiffFlags): void {
  if (flags.with === undefined || (flags.on === undefined && flags.stub === undefined)) return;
  throw new ProblemError({
    code: 'usage',
    message: `--${flags.on === undefined ? 'stub' : 'on'} was given with --with`,
    expected: 'one of them: two databases are compared as they are, and no migration is applied',
    next: 'leave one of them out',
  });
}
