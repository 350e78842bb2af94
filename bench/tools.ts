/**
 * Finds the contenders' programs, and fetches those that come from a registry, once, into the user's cache: Node packages at
 * the versions of peers/package.json, Go programs at the versions below. What cannot be had is left out, with the reason.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Contender } from './contender.ts';
import { alembic } from './contenders/alembic.ts';
import { barePg } from './contenders/bare-pg.ts';
import { drydock } from './contenders/drydock.ts';
import { dbmate, golangMigrate, goose, tern } from './contenders/go-tools.ts';
import { drizzle, graphileMigrate, knex, nodePgMigrate } from './contenders/node-tools.ts';
import { psql } from './contenders/psql.ts';

const run = promisify(execFile);

const GO_PROGRAMS = [
  { name: 'goose', module: 'github.com/pressly/goose/v3/cmd/goose', version: 'v3.29.0', contender: goose },
  {
    name: 'migrate',
    module: 'github.com/golang-migrate/migrate/v4/cmd/migrate',
    version: 'v4.20.1',
    contender: golangMigrate,
  },
  { name: 'tern', module: 'github.com/jackc/tern/v2', version: 'v2.3.4', contender: tern },
] as const;

const PYTHON_PACKAGES = ['alembic==1.20.1', 'psycopg2-binary==2.9.13'];

export interface Found {
  readonly contenders: readonly Contender[];
  /** One sentence each. */
  readonly missing: readonly string[];
  /** Where the peers' versions stand: `knex 3.3.0`. */
  readonly versions: readonly string[];
}

export interface FindOptions {
  readonly root: string;
  /** Folder of the user's cache that is ours. */
  readonly cache: string;
  readonly say: (line: string) => void;
}

export async function findContenders(options: FindOptions): Promise<Found> {
  const missing: string[] = [];
  const contenders = [...ours(options, missing)];
  const yardstick = await findPsql();
  if (!yardstick) throw new Error('psql is the yardstick and is not on this machine: install postgresql-client');
  contenders.unshift(psql(yardstick), barePg(options.root));
  const node = await nodePeers(options).catch((error: Error) => void missing.push(`Node peers: ${firstLine(error)}`));
  const go = await Promise.all(GO_PROGRAMS.map((one) => goPeer(options, one, missing)));
  const python = await pythonPeer(options, missing);
  const others = [...go, python].filter((one) => one !== undefined);
  return {
    contenders: [...contenders, ...others, ...(node?.contenders ?? [])],
    missing,
    versions: [
      ...(node?.versions ?? []),
      ...GO_PROGRAMS.map(({ name, version }) => `${name} ${version}`),
      ...PYTHON_PACKAGES,
    ],
  };
}

function ours({ root }: FindOptions, missing: string[]): Contender[] {
  const bundle = path.join(root, 'dist/drydock.js');
  const tsx = drydock('drydock (tsx)', [
    '--import',
    path.join(root, 'node_modules/tsx/dist/esm/index.mjs'),
    path.join(root, 'src/cli/drydock.ts'),
  ]);
  if (existsSync(bundle)) return [drydock('drydock', [bundle]), tsx];
  missing.push('the bundled command: run `pnpm build` first');
  return [tsx];
}

async function findPsql(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql';
  const installed = existsSync(debian) ? readdirSync(debian).map((major) => path.join(debian, major, 'bin/psql')) : [];
  // Debian's psql on PATH is a Perl script that starts the real one: a yardstick should not carry that.
  const found = installed.filter((file) => existsSync(file)).at(-1);
  if (found) return found;
  return run('psql', ['--version']).then(
    () => 'psql',
    () => undefined,
  );
}

async function nodePeers({ root, cache, say }: FindOptions): Promise<Pick<Found, 'contenders' | 'versions'>> {
  const folder = path.join(cache, 'bench/peers');
  const manifest = path.join(root, 'bench/peers/package.json');
  const modules = path.join(folder, 'node_modules');
  mkdirSync(folder, { recursive: true });
  const installed = path.join(folder, 'package.json');
  const fits =
    existsSync(modules) && existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(manifest, 'utf8');
  if (!fits) {
    say('installing the Node peers …');
    copyFileSync(manifest, installed);
    await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder });
  }
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies: Record<string, string> };
  const binary = path.join(modules, `@dbmate/${process.platform}-${process.arch}/bin/dbmate`);
  return {
    contenders: [
      ...(existsSync(binary) ? [dbmate(binary)] : []),
      drizzle(modules),
      nodePgMigrate(modules),
      knex(modules),
      graphileMigrate(modules),
    ],
    versions: Object.entries(dependencies).map(([name, version]) => `${name} ${version}`),
  };
}

async function goPeer(
  { cache, say }: FindOptions,
  { name, module, version, contender }: (typeof GO_PROGRAMS)[number],
  missing: string[],
): Promise<Contender | undefined> {
  const folder = path.join(cache, 'bench/go', version);
  const program = path.join(folder, name);
  if (existsSync(program)) return contender(program);
  mkdirSync(folder, { recursive: true });
  say(`building ${name} ${version} …`);
  try {
    await run('go', ['install', '-tags', 'postgres', `${module}@${version}`], {
      env: { ...process.env, GOBIN: folder, GOFLAGS: '-p=1' },
      maxBuffer: 1 << 24,
    });
    return contender(program);
  } catch (error) {
    missing.push(`${name}: ${firstLine(error as Error)}`);
    return undefined;
  }
}

async function pythonPeer({ cache, say }: FindOptions, missing: string[]): Promise<Contender | undefined> {
  const folder = path.join(cache, 'bench/python', PYTHON_PACKAGES[0]!);
  const program = path.join(folder, 'bin/alembic');
  if (existsSync(program)) return alembic(program);
  say(`installing ${PYTHON_PACKAGES[0]} …`);
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(path.join(folder, 'bin/pip'), ['install', '-q', ...PYTHON_PACKAGES]);
    return alembic(program);
  } catch (error) {
    missing.push(`alembic: ${firstLine(error as Error)}`);
    return undefined;
  }
}

function firstLine({ message }: Error): string {
  return message.split('\n').slice(0, 2).join(' ');
}
