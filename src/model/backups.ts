/** How a target proves that it could be brought back: which evidence counts, and where dumps of our own are written. */

/** `logical`: a dump of what is in the database. `pitr`: a base backup and the WAL since, to a point in time. */
export type BackupKind = 'logical' | 'pitr';

/** Where evidence comes from. Closed: a new kind is a member here, a schema member and a file in `src/checks/backups`. */
export type BackupProvider =
  /** `pg_dump` archives found by path pattern, read to their end. Proves `logical`. */
  | { readonly kind: 'archives'; readonly paths: readonly string[] }
  /** The server's own archiver. Proves `pitr`. */
  | { readonly kind: 'wal-archiving' }
  /** `pgbackrest info --output=json`. Proves `pitr`. */
  | {
      readonly kind: 'pgbackrest';
      readonly stanza: string;
      readonly program: string;
      /** Before `info`: `--config=…`. */
      readonly arguments: readonly string[];
      /** How long ago the last backup may have finished. The WAL since has to be as fresh as the checklist item says. */
      readonly maxBackupAgeMs: number;
    }
  /** A command that prints JSON of a documented shape, for wal-g, barman or a cloud's own. */
  | {
      readonly kind: 'command';
      readonly name: string;
      readonly proves: BackupKind;
      /** Program and arguments; no shell. */
      readonly run: readonly string[];
      readonly timeoutMs: number;
    };

export interface BackupPolicy {
  /** Glob patterns of dump archives, relative to the worker's checkout or absolute: the short form of one provider. */
  readonly archives: readonly string[];
  /** Of a kind that none of these proves: archives by `archives`, PITR by the server's archiver. */
  readonly providers?: readonly BackupProvider[];
  /** Where Drydock writes dumps that it takes itself; relative to the checkout or absolute. They are found there, too. */
  readonly dumpDirectory?: string;
}

export function provesKind(provider: BackupProvider): BackupKind {
  if (provider.kind === 'command') return provider.proves;
  return provider.kind === 'archives' ? 'logical' : 'pitr';
}

/** What evidence and messages call it: `archives`, `pgbackrest main`, `command wal-g`. */
export function providerLabel(provider: BackupProvider): string {
  if (provider.kind === 'pgbackrest') return `pgbackrest ${provider.stanza}`;
  return provider.kind === 'command' ? `command ${provider.name}` : provider.kind;
}

/** What a target asks about one kind of backup. Empty: it was not said where dumps are. */
export function providersOf(policy: BackupPolicy, kind: BackupKind): readonly BackupProvider[] {
  const named = (policy.providers ?? []).filter((provider) => provesKind(provider) === kind);
  if (kind === 'pitr') return named.length > 0 ? named : [{ kind: 'wal-archiving' }];
  const ours = policy.dumpDirectory === undefined ? [] : [`${policy.dumpDirectory.replace(/\/+$/, '')}/*.dump`];
  const paths = [...policy.archives, ...ours];
  return paths.length > 0 ? [{ kind: 'archives', paths }, ...named] : named;
}
