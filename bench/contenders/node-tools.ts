/** Peers that run on Node, by their own command where they have one and by the few lines of their documentation where not. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Contender, type Scenario, timestamped, write } from '../contender.ts';

/** `modules`: the folder with their packages. */
export function nodePgMigrate(modules: string): Contender {
  const bin = path.join(modules, 'node-pg-migrate/bin/node-pg-migrate.js');
  return {
    name: 'node-pg-migrate',
    kind: 'node peer',
    layOut: (set, { directory }) => {
      for (const one of set.migrations) {
        const text = `-- Up Migration\n${one.up}\n-- Down Migration\n${one.down}`;
        write(directory, `${timestamped(one)}_${one.name}.sql`, text);
      }
    },
    command: (scenario, _set, { url, directory }) => {
      const verb = { fresh: 'up', again: 'up', status: undefined, rollback: 'down' }[scenario];
      if (!verb) return undefined;
      return node([bin, verb, '-m', directory, '--no-check-order'], { DATABASE_URL: url });
    },
  };
}

export function knex(modules: string): Contender {
  const bin = path.join(modules, 'knex/bin/cli.js');
  return {
    name: 'knex',
    kind: 'node peer',
    layOut: (set, { directory, url }) => {
      const migrations = path.join(directory, 'migrations');
      mkdirSync(migrations);
      const config = { client: 'pg', connection: url, migrations: { directory: migrations } };
      write(directory, 'knexfile.cjs', `module.exports = ${JSON.stringify(config)};\n`);
      for (const one of set.migrations) {
        const raw = (sql: string) => `(knex) => knex.raw(${JSON.stringify(sql.replaceAll('?', '\\?'))})`;
        write(
          migrations,
          `${timestamped(one)}_${one.name}.cjs`,
          `exports.up = ${raw(one.up)};\nexports.down = ${raw(one.down)};\n`,
        );
      }
    },
    command: (scenario, _set, { directory }) => {
      const verbs: Record<Scenario, string> = { fresh: 'latest', again: 'latest', status: 'status', rollback: 'down' };
      return node([bin, `migrate:${verbs[scenario]}`, '--knexfile', path.join(directory, 'knexfile.cjs')], {
        NODE_PATH: modules,
      });
    },
  };
}

/** It has no command for this: a file of six lines calls its migrator. No status, no way back. */
export function drizzle(modules: string): Contender {
  return {
    name: 'drizzle-orm',
    kind: 'node peer',
    layOut: (set, { directory, url }) => {
      mkdirSync(path.join(directory, 'meta'));
      const entries = set.migrations.map((one, idx) => {
        const tag = `${timestamped(one)}_${one.name}`;
        write(directory, `${tag}.sql`, one.up);
        return { idx, version: '7', when: one.number, tag, breakpoints: true };
      });
      write(
        path.join(directory, 'meta'),
        '_journal.json',
        JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
      );
      write(
        directory,
        'migrate.cjs',
        `const { drizzle } = require('drizzle-orm/node-postgres');
const { migrate } = require('drizzle-orm/node-postgres/migrator');
const { Client } = require('pg');
const client = new Client({ connectionString: ${JSON.stringify(url)} });
client.connect().then(() => migrate(drizzle(client), { migrationsFolder: __dirname })).then(() => client.end());
`,
      );
    },
    command: (scenario, _set, { directory }) =>
      scenario === 'fresh' || scenario === 'again'
        ? node([path.join(directory, 'migrate.cjs')], { NODE_PATH: modules })
        : undefined,
  };
}

/** Only forward: it has no way back. */
export function graphileMigrate(modules: string): Contender {
  const bin = path.join(modules, 'graphile-migrate/dist/cli.js');
  return {
    name: 'graphile-migrate',
    kind: 'node peer',
    layOut: (set, { directory, url }) => {
      const committed = path.join(directory, 'migrations/committed');
      mkdirSync(committed, { recursive: true });
      write(directory, '.gmrc', JSON.stringify({ connectionString: url, pgSettings: {} }));
      let previous = '-';
      for (const one of set.migrations) {
        const hash = `sha1:${String(one.number).padStart(40, '0')}`;
        const head = `--! Previous: ${previous}\n--! Hash: ${hash}\n--! AllowInvalidHash\n\n`;
        write(committed, `${String(one.number).padStart(6, '0')}.sql`, head + one.up);
        previous = hash;
      }
    },
    command: (scenario, _set, { directory, url }) => {
      const verb = { fresh: 'migrate', again: 'migrate', status: 'status', rollback: undefined }[scenario];
      if (!verb) return undefined;
      // It refuses a shadow database that is the same one; these commands never connect to it.
      const unused = `${url}_unused`;
      return {
        ...node([bin, verb], { DATABASE_URL: url, ROOT_DATABASE_URL: unused, SHADOW_DATABASE_URL: `${unused}_2` }),
        cwd: directory,
      };
    },
  };
}

function node(args: readonly string[], env: Readonly<Record<string, string>>) {
  return { file: process.execPath, args, env };
}
