/**
 * A runbook as it is carried out on one target: with the values that the target gives its placeholders. They are a part of its
 * digest from there on, so a worker with other values refuses a run that was planned with these.
 */
import { digestOf, type LoadedRunbook } from './load.ts';
import type { Target } from './targets.ts';

/** The same where the runbook has no placeholders, or the target gives none. */
export function onTarget(loaded: LoadedRunbook, { placeholders }: Pick<Target, 'placeholders'>): LoadedRunbook {
  const own = loaded.definition.placeholders;
  if (own === undefined || placeholders === undefined) return loaded;
  const definition = { ...loaded.definition, placeholders: { ...own, ...placeholders } };
  return { ...loaded, definition, digest: digestOf(definition) };
}
