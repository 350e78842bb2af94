/**
 * The one reader of the process environment: it turns variables into a typed, frozen value that everything else is given.
 * It decides names and defaults, never what they are used for.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A set of environment variables, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What this project reads from its surroundings. An empty variable counts as one that is not set. */
export interface Environment {
  /** Connection string of the named database: `databaseUrl('communication')` reads `COMMUNICATION_DATABASE_URL`. */
  readonly databaseUrl: (name: string) => string | undefined;
  /** Any variable that a target's file names as the place of its secret. */
  readonly lookup: (name: string) => string | undefined;
  /** `TEMPORAL_ADDRESS`, as `host:port`. Where it is set, no server is started. */
  readonly temporalAddress: string | undefined;
  /** `TEMPORAL_NAMESPACE`; default `default`. */
  readonly temporalNamespace: string;
  /** Who runs this: `USER`, else `LOGNAME`. */
  readonly user: string | undefined;
  /** True where `CI` is set to anything but `false` or `0`. */
  readonly ci: boolean;
  /** True where `NO_COLOR` is set. */
  readonly noColor: boolean;
  /** Folder for what is built or fetched once: `DRYDOCK_CACHE_DIR`, else `drydock` in `XDG_CACHE_HOME` or `~/.cache`. */
  readonly cacheDir: string;
  /** Folders that programs are looked up in: `PATH`, else an empty string. */
  readonly path: string;
  /** All variables for a child process, with `extra` on top; an `undefined` in `extra` takes a variable away. */
  readonly forChild: (extra?: Variables) => Record<string, string>;
}

/** Reads `variables` (default: those of this process) once; later changes to them are not seen. */
export function readEnvironment(variables: Variables = process.env): Environment {
  const all: Variables = { ...variables };
  const value = (name: string): string | undefined => all[name] || undefined;
  return Object.freeze<Environment>({
    databaseUrl: (name) => value(databaseVariable(name)),
    lookup: value,
    temporalAddress: value('TEMPORAL_ADDRESS'),
    temporalNamespace: value('TEMPORAL_NAMESPACE') ?? 'default',
    user: value('USER') ?? value('LOGNAME'),
    ci: !['false', '0', undefined].includes(value('CI')),
    noColor: value('NO_COLOR') !== undefined,
    cacheDir: value('DRYDOCK_CACHE_DIR') ?? join(cacheHome(value), 'drydock'),
    path: value('PATH') ?? '',
    forChild: (extra = {}) => withoutUndefined({ ...all, ...extra }),
  });
}

/** The variable that holds the connection string of a database: `COMMUNICATION_DATABASE_URL` for `communication`. */
export function databaseVariable(name: string): string {
  return `${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_DATABASE_URL`;
}

function cacheHome(value: (name: string) => string | undefined): string {
  return value('XDG_CACHE_HOME') ?? join(value('HOME') ?? homedir(), '.cache');
}

function withoutUndefined(variables: Variables): Record<string, string> {
  const entries = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
