/**
 * Where a rehearsal takes place: the target's server, another one, or one of this machine that is started for it. A production
 * server is never loaded unless somebody asks for just that.
 */
import { ProblemError } from '../../model/problem.ts';
import type { RehearsalPlace } from '../../model/rehearsal.ts';
import { connect } from '../../postgres/connect.ts';
import { noPlace } from './rehearsal-problems.ts';
import { sameServerOptions, type TargetFacts } from './target-facts.ts';
import { APPLICATION_NAME } from './throw-away.ts';

/** Where it was asked for; `chosen` lets the rules decide. */
export type On =
  | { readonly kind: 'chosen' }
  | { readonly kind: 'same-server' }
  | { readonly kind: 'embedded' }
  /** A maintenance URL: its role may create databases. */
  | { readonly kind: 'url'; readonly url: string };

/** A PostgreSQL of this machine. */
export interface EmbeddedServer {
  readonly superuserUrl: string;
  stop(): Promise<void>;
}

/** Given by whoever may start servers; undefined where nobody may. */
export type StartEmbedded = () => Promise<EmbeddedServer>;

export interface Place {
  readonly kind: RehearsalPlace;
  readonly maintenanceUrl: string;
  readonly serverVersion: string;
  /** `create database` options. */
  readonly options: string;
  /** What differs from the target's server and may matter. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export interface PlaceSearch {
  readonly on: On;
  readonly targetUrl: string;
  readonly facts: TargetFacts;
  /** Of the target, such as `production`; undefined for a bare URL. */
  readonly environment: string | undefined;
  readonly startEmbedded: StartEmbedded | undefined;
}

/** Errors: `rehearsal-no-place`, and those of connecting and of starting the server. */
export async function openPlace(search: PlaceSearch): Promise<Place> {
  const { on, facts, targetUrl } = search;
  switch (on.kind === 'chosen' ? choose(search) : on.kind) {
    case 'same-server':
      if (!facts.mayCreateDatabases) throw noPlace([mayNotCreate(facts)]);
      return {
        kind: 'same-server',
        maintenanceUrl: targetUrl,
        serverVersion: facts.serverVersion,
        options: sameServerOptions(facts),
        notes: [],
        close: async () => undefined,
      };
    case 'url':
      return elsewhere(search, { kind: 'other-server', url: (on as Extract<On, { kind: 'url' }>).url });
    default:
      return onEmbedded(search);
  }
}

function choose({ facts, environment, startEmbedded }: PlaceSearch): 'same-server' | 'embedded' {
  if (environment === 'production') {
    if (startEmbedded) return 'embedded';
    throw noPlace([
      'the target is a production, whose server is only used when asked for: `rehearse --on same-server`',
      'no PostgreSQL of this machine can be started from here',
    ]);
  }
  return facts.mayCreateDatabases ? 'same-server' : 'embedded';
}

async function onEmbedded(search: PlaceSearch): Promise<Place> {
  const { startEmbedded, facts, on } = search;
  const reasons = on.kind === 'chosen' && !facts.mayCreateDatabases ? [mayNotCreate(facts)] : [];
  if (!startEmbedded) throw noPlace([...reasons, 'no PostgreSQL of this machine can be started from here']);
  const server = await startEmbedded().catch((error: unknown) => {
    if (!(error instanceof ProblemError) || error.problem.code !== 'postgres-not-found') throw error;
    throw noPlace([...reasons, `${error.problem.message}: ${error.problem.found}`]);
  });
  try {
    const place = await elsewhere(search, { kind: 'embedded', url: server.superuserUrl });
    return { ...place, close: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function elsewhere(
  { facts }: PlaceSearch,
  { kind, url }: { readonly kind: 'other-server' | 'embedded'; readonly url: string },
): Promise<Place> {
  const session = await connect({ url, applicationName: APPLICATION_NAME });
  try {
    const { rows } = await session.client.query<{ version: string; may: boolean; role: string }>(
      `select split_part(current_setting('server_version'), ' ', 1) as version, rolsuper or rolcreatedb as may, rolname::text as role
         from pg_roles where rolname = current_user`,
    );
    const { version, may, role } = rows[0]!;
    if (!may) throw noPlace([`role ${role} may not create databases on ${session.describe}`]);
    return {
      kind,
      maintenanceUrl: url,
      serverVersion: version,
      options: `template template0 encoding '${facts.encoding}' lc_collate 'C' lc_ctype 'C'${libc(version)}`,
      notes: differences(facts, version),
      close: async () => undefined,
    };
  } finally {
    await session.close();
  }
}

/** Before PostgreSQL 15 there is no other provider, and no word for it. */
function libc(version: string): string {
  return Number.parseInt(version, 10) >= 15 ? ' locale_provider libc' : '';
}

function differences(facts: TargetFacts, version: string): string[] {
  const major = Number.parseInt(version, 10);
  const sorting = facts.locale ?? facts.collate;
  return [
    ...(major === facts.major
      ? []
      : [`the rehearsal ran on PostgreSQL ${version}, the target is ${facts.serverVersion}`]),
    ...(sorting === 'C' && facts.provider === 'c' ? [] : [`text sorts as C there, as ${sorting} on the target`]),
  ];
}

function mayNotCreate({ role }: TargetFacts): string {
  return `role ${role} may not create databases on the target's server`;
}
