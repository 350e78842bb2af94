/** Reads who another session is; the value and its words are in src/model/backend.ts. */
export { type BackendInfo, type Blocker, describeBackend, describeBlocker } from '../model/backend.ts';

/** Columns that make up a BackendInfo, over pg_stat_activity as `a`; `pid` is the caller's. */
export const BACKEND_COLUMNS = `
  coalesce(a.application_name, '') as application, a.usename::text as user, host(a.client_addr) as address, a.state,
  round(extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.backend_start))::numeric, 1)::float8 as "ageSeconds"`;
