/** Peers that are one Go program each: goose, golang-migrate, tern, dbmate. */
import {
  type Command,
  type Contender,
  type Ground,
  padded,
  type Scenario,
  timestamped,
  write,
  writePairs,
} from '../contender.ts';
import type { MigrationSet } from '../sets.ts';

type Commands = Partial<Record<Scenario, readonly string[]>>;

export function goose(file: string): Contender {
  const at = ({ url, directory }: Ground) => ['-dir', directory, 'postgres', url];
  return {
    name: 'goose',
    kind: 'peer',
    layOut: (set, { directory }) => {
      for (const one of set.migrations) {
        const section = (title: string, sql: string) =>
          `-- +goose ${title}\n-- +goose StatementBegin\n${sql}\n-- +goose StatementEnd\n`;
        write(directory, `${timestamped(one)}_${one.name}.sql`, section('Up', one.up) + section('Down', one.down));
      }
    },
    command: (scenario, _set, ground) =>
      byTable(file, { fresh: ['up'], again: ['up'], status: ['status'], rollback: ['down'] }, scenario, (args) => [
        ...at(ground),
        ...args,
      ]),
  };
}

export function golangMigrate(file: string): Contender {
  return {
    name: 'golang-migrate',
    kind: 'peer',
    layOut: (set, { directory }) => writePairs(set, directory),
    command: (scenario, _set, { url, directory }) =>
      byTable(
        file,
        { fresh: ['up'], again: ['up'], status: ['version'], rollback: ['down', '1'] },
        scenario,
        (args) => ['-path', directory, '-database', `${url}?sslmode=disable`, ...args],
      ),
  };
}

/** It takes the files for Go templates. */
const asTemplate = (sql: string): string => sql.replaceAll('{{', '{{"{{"}}');

export function tern(file: string): Contender {
  return {
    name: 'tern',
    kind: 'peer',
    layOut: (set, { directory }) => {
      for (const one of set.migrations) {
        write(
          directory,
          `${padded(one)}_${one.name}.sql`,
          `${asTemplate(one.up)}\n---- create above / drop below ----\n${asTemplate(one.down)}`,
        );
      }
    },
    command: (scenario, _set, { url, directory }) =>
      byTable(
        file,
        { fresh: ['migrate'], again: ['migrate'], status: ['status'], rollback: ['migrate', '--destination', '-1'] },
        scenario,
        ([verb, ...rest]) => [verb!, '--migrations', directory, '--conn-string', url, ...rest],
      ),
  };
}

export function dbmate(file: string): Contender {
  return {
    name: 'dbmate',
    kind: 'peer',
    layOut: (set: MigrationSet, { directory }) => {
      for (const one of set.migrations) {
        write(
          directory,
          `${timestamped(one)}_${one.name}.sql`,
          `-- migrate:up\n${one.up}\n-- migrate:down\n${one.down}`,
        );
      }
    },
    command: (scenario, _set, { url, directory }) =>
      byTable(
        file,
        { fresh: ['migrate'], again: ['migrate'], status: ['status'], rollback: ['rollback'] },
        scenario,
        (args) => ['--url', `${url}?sslmode=disable`, '--migrations-dir', directory, '--no-dump-schema', ...args],
      ),
  };
}

function byTable(
  file: string,
  commands: Commands,
  scenario: Scenario,
  complete: (args: readonly string[]) => readonly string[],
): Command | undefined {
  const args = commands[scenario];
  return args ? { file, args: complete(args) } : undefined;
}
