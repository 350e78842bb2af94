/**
 * The yardstick: one psql process that reads every file, each in a transaction of its own with a row in a ledger. It is what a
 * person would write by hand who checks nothing.
 */
import path from 'node:path';
import { type Contender, padded, write, writePairs } from '../contender.ts';
import type { MigrationSet } from '../sets.ts';

const LEDGER = 'public.bench_ledger';

export function psql(program: string): Contender {
  const run = (url: string, directory: string, script: string) => ({
    file: program,
    args: ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', path.join(directory, script), url],
    cwd: directory,
  });
  return {
    name: 'psql',
    kind: 'yardstick',
    layOut: (set, { directory }) => {
      writePairs(set, directory);
      write(directory, 'fresh.psql', freshScript(set));
      write(directory, 'again.psql', `select version from ${LEDGER};\n`);
      write(directory, 'rollback.psql', rollbackScript(set));
    },
    command: (scenario, _set, { url, directory }) =>
      run(url, directory, scenario === 'status' ? 'again.psql' : `${scenario}.psql`),
  };
}

function freshScript({ migrations }: MigrationSet): string {
  const steps = migrations.map(
    (one) => `begin;
\\ir ${padded(one)}_${one.name}.up.sql
insert into ${LEDGER} (version, name) values ('${padded(one)}', '${one.name}');
commit;`,
  );
  return [
    `create table ${LEDGER} (version text primary key, name text, at timestamptz default now());`,
    ...steps,
    '',
  ].join('\n');
}

function rollbackScript({ migrations }: MigrationSet): string {
  const last = migrations.at(-1)!;
  return `begin;
\\ir ${padded(last)}_${last.name}.down.sql
delete from ${LEDGER} where version = '${padded(last)}';
commit;
`;
}
