/** Whether the throw-away database has the target's schema, proven by fingerprints rather than hoped for. */
import type pg from 'pg';
import type { LikeTarget, SchemaSource } from '../../model/rehearsal.ts';
import { withoutRoles } from '../drift/comparable.ts';
import { diffFingerprints, digestOf, type Fingerprint } from '../fingerprint.ts';
import { wholeCatalog } from './whole-catalog.ts';

export interface Comparison {
  readonly schemaFrom: SchemaSource;
  readonly target: pg.Client;
  /** On the throw-away database. */
  readonly made: pg.Client;
  readonly ledgerSchema: string;
}

export async function likeTarget({ schemaFrom, target, made, ledgerSchema }: Comparison): Promise<LikeTarget> {
  if (schemaFrom.kind === 'empty')
    return { kind: 'not compared', why: 'the whole set is rehearsed from an empty database' };
  const isForeign = schemaFrom.kind === 'dump' && schemaFrom.owners === 'left out';
  const seen = isForeign ? roleless : (print: Fingerprint) => print;
  const [there, here] = [seen(await wholeCatalog(target, ledgerSchema)), seen(await wholeCatalog(made, ledgerSchema))];
  if (there.digest === here.digest) return { kind: 'same' };
  return { kind: 'differs', lines: diffFingerprints(there, here) };
}

/** Another server has other roles: who owns and who may is left out of the comparison. */
function roleless({ objects }: Fingerprint): Fingerprint {
  const left = withoutRoles(objects);
  return { digest: digestOf(left), objects: left };
}
