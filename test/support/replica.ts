/**
 * A streaming replica of a running cluster, made with the server's own programs only: a base backup copied file by file, then
 * a second server on it. It knows nothing of what is checked with it.
 */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { reachableTmpdir, serverUser } from '../../src/dev/postgres/server-user.ts';
import { type PostgresServer, startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../src/dev/reaper/start-reaper.ts';

/** Settings that a replica must have at least as large as its primary. */
const FLOORS = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
];

export interface Replica {
  readonly server: PostgresServer;
  /** Stops replaying what comes in; resolves when it has stopped. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Ends the replica's server and removes its files. */
  readonly stop: () => Promise<void>;
}

type Primary = Pick<PostgresServer, 'superuserUrl' | 'dataDir' | 'binaries'>;

/** The functions of a base backup were renamed. */
const BACKUP = {
  'before 15': {
    start: `select pg_start_backup('drydock replica', true, false)`,
    stop: 'select labelfile from pg_stop_backup(false)',
  },
  'from 15': {
    start: `select pg_backup_start('drydock replica', true)`,
    stop: 'select labelfile from pg_backup_stop(false)',
  },
};

export interface ReplicaOptions {
  /** As the primary shows it in pg_stat_replication. Default `replica`. */
  readonly name?: string;
}

/** About two seconds. The primary needs `wal_level` of replica or logical. Stop it before its primary. */
export async function startReplica(primary: Primary, { name = 'replica' }: ReplicaOptions = {}): Promise<Replica> {
  const folder = mkdtempSync(join(reachableTmpdir(serverUser()), 'drydock-replica-'));
  chmodSync(folder, 0o711);
  const reaper = startReaper();
  reaper.guardFolder(folder, 'remove');
  const dataDir = join(folder, 'data');
  const settings = await backUp(primary, dataDir);
  const server = await startPostgres({
    dataDir,
    reaper,
    binaries: primary.binaries,
    settings: { ...settings, fsync: 'off', hot_standby: 'on', primary_conninfo: conninfo(primary.superuserUrl, name) },
  });
  return asReplica(server, reaper);
}

async function backUp(primary: Primary, dataDir: string) {
  const client = new pg.Client({ connectionString: primary.superuserUrl });
  await client.connect();
  try {
    // Checkpoints of a busy primary would remove what the replica has still to read, and it would wait for that for ever.
    await client.query(`alter system set wal_keep_size = '1GB'`);
    await client.query('select pg_reload_conf()');
    const { start, stop } = BACKUP[primary.binaries.major < 15 ? 'before 15' : 'from 15'];
    await client.query(start);
    copyCluster(primary.dataDir, dataDir, 'top');
    const { rows } = await client.query<{ labelfile: string }>(stop);
    const owner = lstatSync(primary.dataDir);
    writeOwned(join(dataDir, 'backup_label'), rows[0]!.labelfile, owner);
    writeOwned(join(dataDir, 'standby.signal'), '', owner);
    const floors = await client.query<{ name: string; setting: string }>(
      'select name, setting from pg_settings where name = any($1)',
      [FLOORS],
    );
    return Object.fromEntries(floors.rows.map(({ name, setting }) => [name, setting]));
  } finally {
    await client.end();
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

type Level = 'top' | 'below' | 'wal' | 'slots';

/** A server of another wal_level does not start where a logical slot of somebody's was copied along. */
const APART: Readonly<Record<string, Level>> = { pg_wal: 'wal', pg_replslot: 'slots' };

/** Copies with owner and mode. Files may vanish while it runs: what they held is in the write-ahead log. */
function copyCluster(source: string, target: string, level: Level): void {
  const stat = lstatSync(source, { throwIfNoEntry: false });
  if (!stat) return;
  if (stat.isDirectory()) {
    mkdirSync(target, { mode: 0o700 });
    chownSync(target, stat.uid, stat.gid);
    if (level === 'slots') return;
    for (const entry of readdirSync(source)) {
      if (level === 'top' && entry.startsWith('postmaster.')) continue;
      copyCluster(join(source, entry), join(target, entry), level === 'top' ? (APART[entry] ?? 'below') : level);
    }
  } else if (level !== 'wal') {
    copyFile(source, target, stat);
  }
}

function copyFile(source: string, target: string, owner: Owner): void {
  try {
    copyFileSync(source, target);
    chownSync(target, owner.uid, owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function writeOwned(path: string, content: string, owner: Owner): void {
  writeFileSync(path, content, { mode: 0o600 });
  chownSync(path, owner.uid, owner.gid);
}

function conninfo(url: string, name: string): string {
  const { hostname, port, username, password } = new URL(url);
  return `host=${hostname} port=${port} user=${username} password=${password} application_name=${name}`;
}

function asReplica(server: PostgresServer, reaper: Reaper): Replica {
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server.superuserUrl });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  return {
    server,
    pause: () => run(PAUSE),
    resume: () => run('select pg_wal_replay_resume()'),
    stop: async () => {
      await server.stop();
      await reaper.close();
    },
  };
}

/** The request is answered before replay has stopped: asked for until it has. */
const PAUSE = `
  select pg_wal_replay_pause();
  do $$ begin
    while pg_get_wal_replay_pause_state() <> 'paused' loop perform pg_sleep(0.01); end loop;
  end $$`;
