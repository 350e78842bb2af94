/** What the global setup hands to every test file: addresses, never live objects, because they cross process borders. */

import type { PostgresBinaries } from '../../src/dev/postgres/binaries.ts';
import type { FetchedMajor } from '../majors/fetch-release.ts';

export interface ProvidedPostgres {
  readonly superuserUrl: string;
  /** For tests that need a cluster of their own of the same version. */
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  /** Name of a template database with the stub of `core.users` and `core.organizations`; undefined while there is no stub. */
  readonly coreTemplate: string | undefined;
}

export interface ProvidedTemporal {
  /** `host:port` of the gRPC service. */
  readonly address: string;
  readonly namespace: string;
  /** Path of the `temporal` command line program, for tests that drive the server as an operator does. */
  readonly program: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Only in the projects of the other majors. */
    major: FetchedMajor;
    postgres: ProvidedPostgres;
    temporal: ProvidedTemporal;
    /** Path of the built command's program, made from these sources. */
    builtCommand: string;
  }
}
