/**
 * The migrations that are measured: the nine of this project, and many small ones. Each is SQL up and down; every contender
 * writes them in the layout of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Migration {
  /** 1-based. */
  readonly number: number;
  readonly name: string;
  readonly up: string;
  readonly down: string;
}

export interface MigrationSet {
  readonly name: string;
  readonly migrations: readonly Migration[];
  /** Schemas the migrations make things in; the first holds a ledger. */
  readonly schema: string;
  /** Counts what a complete run has made. */
  readonly proof: { readonly sql: string; readonly expect: number };
}

/** The communication migrations. Without CONCURRENTLY, which half of the peers cannot run. */
export function nineMigrations(root: string): MigrationSet {
  const directory = path.join(root, 'migrations/communication');
  const ups = readdirSync(directory).filter((name) => name.endsWith('.up.sql'));
  const read = (name: string): string => readFileSync(path.join(directory, name), 'utf8').replace(/ CONCURRENTLY/g, '');
  const migrations = ups.sort().map((up, index) => ({
    number: index + 1,
    name: up.replace(/^\d+_/, '').replace('.up.sql', ''),
    up: read(up),
    down: read(up.replace('.up.sql', '.down.sql')),
  }));
  return {
    name: 'nine',
    migrations,
    schema: 'communication',
    proof: {
      sql: `select count(*)::int as n from pg_tables where schemaname = 'communication' and tablename = 'messages'`,
      expect: 1,
    },
  };
}

/** A table with an index and a comment each. */
export function smallMigrations(count: number): MigrationSet {
  const migrations = Array.from({ length: count }, (_, index) => {
    const table = `t${String(index + 1).padStart(4, '0')}`;
    return {
      number: index + 1,
      name: `make_${table}`,
      up: `CREATE TABLE public.${table} (id bigint PRIMARY KEY, label text NOT NULL, made_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ${table}_label ON public.${table} (label);
COMMENT ON TABLE public.${table} IS 'Number ${index + 1} of many.';
`,
      down: `DROP TABLE public.${table};\n`,
    };
  });
  return {
    name: `${count} small`,
    migrations,
    schema: 'public',
    proof: {
      sql: `select count(*)::int as n from pg_tables where schemaname = 'public' and tablename ~ '^t[0-9]{4}$'`,
      expect: count,
    },
  };
}
