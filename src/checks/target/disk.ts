/**
 * Free disk, where it can be known: SQL cannot ask for it, so only where the data directory lies on this very machine and is
 * proven to be this server's. Everywhere else it is said that it is not known. Sizes of tables are the catalog's estimates.
 */
import { open, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Evidence } from '../../model/outcome.ts';
import { fact } from '../outcome.ts';
import { bytesText } from './bytes.ts';
import { type Finding, look } from './look.ts';
import { literals } from './tables-in-question.ts';

interface Row {
  /** Null where this role may not see the setting. */
  readonly dataDirectory: string | null;
  /** Of the tables in the owned schemas with their indexes. */
  readonly ownedBytes: number;
}

export const diskLook = look<Row>({
  name: 'free disk',
  sql: ({ schemas }) => `
    with owned as (
      select c.oid, c.reltoastrelid from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = any (${literals(schemas)}))
    select (select setting from pg_settings where name = 'data_directory') as "dataDirectory",
           (select coalesce(sum(c.relpages), 0)::float8 * current_setting('block_size')::int from pg_class c
             where c.oid in (select oid from owned union select reltoastrelid from owned)) as "ownedBytes"`,
  judge: async ([row], { identity, limits }) => {
    const { dataDirectory, ownedBytes } = row!;
    const size = fact('size of the owned tables', `about ${bytesText(ownedBytes)}, by the catalog's estimate`);
    const free = await freeBytes(dataDirectory, identity.systemIdentifier);
    if (free.kind === 'unknown') return { evidence: [size, fact('free disk', free.why)] };
    return judgeFree(free.places, { ownedBytes, reserve: limits.freeBytes }, size);
  },
});

interface Needed {
  /** A rewrite makes one more copy. */
  readonly ownedBytes: number;
  /** For WAL, and for everybody else. */
  readonly reserve: number;
}

function judgeFree(places: readonly Place[], { ownedBytes, reserve }: Needed, size: Evidence): Finding {
  const needed = ownedBytes + reserve;
  const text = places.map(({ name, bytes }) => `${bytesText(bytes)} for ${name}`).join(', ');
  const evidence = [size, fact('free disk', `${text}; looked at on this machine`, `at least ${bytesText(needed)}`)];
  if (places.every(({ bytes }) => bytes >= needed)) return { evidence };
  const problem = {
    code: 'disk-nearly-full',
    message: 'the disk of the database is nearly full',
    found: `free: ${text}`,
    expected: `at least ${bytesText(needed)}: room for a copy of the owned tables, and ${bytesText(reserve)} beside`,
    next: 'make room, and retry this item',
  };
  return { evidence, problems: [problem] };
}

interface Place {
  readonly name: string;
  readonly bytes: number;
}

type Free =
  | { readonly kind: 'known'; readonly places: readonly Place[] }
  | { readonly kind: 'unknown'; readonly why: string };

/** What is free for the data directory, and for the WAL where that lies on another disk. */
export async function freeBytes(dataDirectory: string | null, systemIdentifier: string | null): Promise<Free> {
  if (dataDirectory === null || systemIdentifier === null)
    return unknown('the data directory is not shown to this role (pg_monitor shows it)');
  try {
    if ((await identifierIn(dataDirectory)) !== systemIdentifier) return unknown('it is on another machine');
    const wal = path.join(dataDirectory, 'pg_wal');
    const isApart = (await stat(wal)).dev !== (await stat(dataDirectory)).dev;
    const places = [{ name: 'data', bytes: await freeAt(dataDirectory) }];
    return { kind: 'known', places: isApart ? [...places, { name: 'WAL', bytes: await freeAt(wal) }] : places };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return unknown(
      code === 'EACCES' || code === 'EPERM' ? 'this worker may not read there' : 'it is on another machine',
    );
  }
}

function unknown(why: string): Free {
  return { kind: 'unknown', why: `cannot be known by SQL, and the data directory cannot be looked at: ${why}` };
}

/** The first eight bytes of the control file, in the byte order of every platform that PostgreSQL still ships for but a few. */
async function identifierIn(dataDirectory: string): Promise<string> {
  const file = await open(path.join(dataDirectory, 'global', 'pg_control'), 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.readBigUInt64LE().toString();
  } finally {
    await file.close();
  }
}

async function freeAt(place: string): Promise<number> {
  const { bavail, bsize } = await statfs(place);
  return bavail * bsize;
}
