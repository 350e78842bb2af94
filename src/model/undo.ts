/** What would undo the steps begun so far, in which order. Decides nothing about how an undo is done. */
import { assertNever } from './assert-never.ts';
import type { PlannedMigration, PlannedStep } from './plan.ts';

/** The undo of one step; registered before its step starts and harmless where the step did nothing. */
export type Compensation =
  | { readonly kind: 'revert'; readonly id: string; readonly title: string; readonly migration: PlannedMigration }
  | { readonly kind: 'apply'; readonly id: string; readonly title: string; readonly migration: PlannedMigration }
  | { readonly kind: 'undo-seed'; readonly id: string; readonly title: string; readonly module: string };

/**
 * The undo of a planned step; undefined for a step that changes nothing, and for the clearing of a migration that stopped half
 * way: a half is nothing to come back to.
 */
export function compensationFor(step: PlannedStep, unfinished: string | null = null): Compensation | undefined {
  const id = `undo-${step.id}`;
  switch (step.kind) {
    case 'status':
      return undefined;
    case 'apply':
      return { kind: 'revert', id, title: `Undo ${migrationName(step.migration)}`, migration: step.migration };
    case 'revert':
      if (step.migration.version === unfinished) return undefined;
      return { kind: 'apply', id, title: `Apply ${migrationName(step.migration)} again`, migration: step.migration };
    case 'seed':
      return { kind: 'undo-seed', id, title: `Remove the rows of: ${step.title}`, module: step.module };
    default:
      return assertNever(step);
  }
}

/** `007_recipients`, as in the file name. */
export function migrationName(migration: Pick<PlannedMigration, 'version' | 'name'>): string {
  return `${migration.version}_${migration.name}`;
}

/** The answer to the query `undo`: what an abort at this moment would do. */
export interface UndoPreview {
  /** One sentence for a person who has ten seconds. */
  readonly sentence: string;
  /** In the order in which they would be carried out. */
  readonly steps: readonly { readonly id: string; readonly title: string }[];
}

/** What an abort would do now, given the compensations registered so far (in the order of their steps). */
export function previewUndo(registered: readonly Compensation[], closed: 'open' | 'closed'): UndoPreview {
  const steps = [...registered].reverse().map(({ id, title }) => ({ id, title }));
  if (closed === 'closed') return { sentence: 'the run is over: there is nothing left to abort', steps: [] };
  if (steps.length === 0) {
    return { sentence: 'an abort would end the run; nothing has been changed yet, so nothing would be undone', steps };
  }
  const count = steps.length === 1 ? '1 step' : `${steps.length} steps`;
  return {
    sentence: `an abort would undo ${count}, compare the schema with how it was before, and let go of the database`,
    steps,
  };
}
