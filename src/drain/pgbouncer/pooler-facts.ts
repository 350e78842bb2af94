/** What a pooler says about itself and one of its databases, as values: settings, modes, who is linked to a server. It changes nothing. */
import type { PoolerConsole } from './console.ts';

export interface PoolerDatabase {
  /** Asked to pause; true already while a PAUSE is incomplete. */
  readonly isPaused: boolean;
  readonly isDisabled: boolean;
  /** The mode that counts where no pool has another: the database's own, else the pooler's. */
  readonly poolMode: string;
}

export interface PoolerFacts {
  /** `1.18.0`; as it was said where it is in another form. */
  readonly version: string;
  readonly settings: ReadonlyMap<string, string>;
  /** Undefined where the pooler does not list it. */
  readonly database: PoolerDatabase | undefined;
  /** All that the pooler lists, its own console left out. */
  readonly databases: readonly string[];
  /** Of the pools of the database that there are now. */
  readonly pools: readonly PoolFacts[];
}

export interface PoolFacts {
  readonly user: string;
  readonly mode: string;
  /** Clients that wait for a server, and how long the first of them has. */
  readonly waiting: number;
  readonly longestWaitMs: number;
  /** Connections that are open and ready. */
  readonly servers: number;
}

/** A server connection of the database, whatever it is doing. */
export interface PoolerServer {
  readonly state: string;
  readonly user: string;
  /** The backend's process id; null while it is being opened. */
  readonly pid: number | null;
  /** The client that uses it: null where none does. */
  readonly client: { readonly application: string; readonly address: string } | null;
}

type Row = Record<string, unknown>;

export async function readPooler(admin: PoolerConsole, name: string): Promise<PoolerFacts> {
  const settings = new Map((await admin.show('CONFIG')).map((row) => [text(row.key), text(row.value)]));
  const [version] = await admin.show('VERSION');
  const databases = await admin.show('DATABASES');
  const row = databases.find((one) => one.name === name);
  return {
    version: /\d+(\.\d+)+/.exec(text(version?.version))?.[0] ?? text(version?.version),
    settings,
    database: row && databaseOf(row, settings),
    databases: databases.map((one) => text(one.name)).filter((one) => one !== 'pgbouncer'),
    pools: await readPools(admin, name),
  };
}

export async function readPools(admin: PoolerConsole, name: string): Promise<readonly PoolFacts[]> {
  const pools = (await admin.show('POOLS')).filter((row) => row.database === name);
  return pools.map((row) => ({
    user: text(row.user),
    mode: text(row.pool_mode),
    waiting: Number(row.cl_waiting ?? 0),
    longestWaitMs: Number(row.maxwait ?? 0) * 1_000 + Number(row.maxwait_us ?? 0) / 1_000,
    servers: ['sv_active', 'sv_idle', 'sv_used', 'sv_tested'].reduce((sum, name) => sum + Number(row[name] ?? 0), 0),
  }));
}

/** Whether it is paused, and the servers that are left; for a look before every step. */
export async function readHeld(
  admin: PoolerConsole,
  name: string,
): Promise<{ readonly isPaused: boolean; readonly servers: readonly PoolerServer[] }> {
  const row = (await admin.show('DATABASES')).find((one) => one.name === name);
  const isPaused = row !== undefined && Number(row.paused) === 1;
  return { isPaused, servers: await readServers(admin, name) };
}

export async function readServers(admin: PoolerConsole, name: string): Promise<readonly PoolerServer[]> {
  const servers = (await admin.show('SERVERS')).filter((row) => row.database === name);
  const isLinked = servers.some((row) => text(row.link) !== '');
  const clients = isLinked ? await admin.show('CLIENTS') : [];
  return servers.map((row) => serverOf(row, clients));
}

/** True where the pooler asks the database who may log in: then nobody new gets in while it is paused. */
export function asksForLogins({ settings }: Pick<PoolerFacts, 'settings'>): boolean {
  return (settings.get('auth_user') ?? '') !== '';
}

function databaseOf(row: Row, settings: ReadonlyMap<string, string>): PoolerDatabase {
  return {
    isPaused: Number(row.paused) === 1,
    isDisabled: Number(row.disabled) === 1,
    poolMode: text(row.pool_mode) || (settings.get('pool_mode') ?? 'session'),
  };
}

function serverOf(row: Row, clients: readonly Row[]): PoolerServer {
  const client = text(row.link) === '' ? undefined : clients.find((one) => one.ptr === row.link);
  const pid = Number(row.remote_pid ?? 0);
  return {
    state: text(row.state),
    user: text(row.user),
    pid: pid > 0 ? pid : null,
    client: client ? { application: text(client.application_name), address: addressOf(client) } : null,
  };
}

function addressOf(client: Row): string {
  return text(client.addr) === 'unix' ? 'a socket of that machine' : `${text(client.addr)}:${text(client.port)}`;
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}
