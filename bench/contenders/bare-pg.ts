/**
 * What bars are held against: the least that a program written for this would do, in Node and with the driver alone. Fresh: all
 * files in one message, each in a transaction with a row in a ledger. Later: every file read and hashed, because one may have been
 * edited, and one question to the ledger. Nothing is looked at, locked, judged or told.
 */
import { buildSync } from 'esbuild';
import { type Contender, write, writePairs } from '../contender.ts';

export const BARE_PG = 'bare pg';

const PROGRAM = `
const { readFileSync, readdirSync } = require('node:fs');
const { hash } = require('node:crypto');
const { Client } = require('pg');
const client = new Client({ connectionString: process.env.DATABASE_URL });
const connected = client.connect();
const text = (name) => readFileSync(__dirname + '/' + name, 'utf8');
const files = readdirSync(__dirname).filter((name) => name.endsWith('.sql')).sort();
const apply = (name) => \`begin;\\n\${text(name)}\\n;insert into public.bench_ledger values ('\${name}');commit;\`;
const fresh = () => 'create table public.bench_ledger (version text primary key);' + files.filter((name) => name.endsWith('.up.sql')).map(apply).join('\\n');
const again = () => {
  for (const name of files) hash('sha256', text(name));
  return 'select version from public.bench_ledger';
};
const sql = process.argv[2] === 'fresh' ? fresh() : again();
connected.then(() => client.query(sql)).then(() => client.end());
`;

/** `root`: the checkout, whose driver it takes. */
export function barePg(root: string): Contender {
  return {
    name: BARE_PG,
    kind: 'bare',
    layOut: (set, { directory }) => {
      writePairs(set, directory);
      const { outputFiles } = buildSync({
        stdin: { contents: PROGRAM, resolveDir: root },
        bundle: true,
        minify: true,
        platform: 'node',
        external: ['pg-native'],
        write: false,
      });
      write(directory, 'bare.cjs', outputFiles[0]!.text);
    },
    command: (scenario, _set, { url, directory }) =>
      scenario === 'rollback'
        ? undefined
        : { file: process.execPath, args: [`${directory}/bare.cjs`, scenario], env: { DATABASE_URL: url } },
  };
}
