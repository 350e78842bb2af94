/** Adds to the steps of a plan what each does to tables that are there, and how, by one question to the target. It changes nothing. */
import type pg from 'pg';
import type { MigrationFile } from '../migrator/files.ts';
import { DEFAULT_LOCK_POLICY, limitsOf, lockPolicyOf } from '../migrator/lock-policy.ts';
import { kindOfPart } from '../migrator/locks/part-kind.ts';
import { type AnalysedFile, analyseFile } from '../migrator/statements.ts';
import type { Plan, PlannedStep } from '../model/plan.ts';
import { isProblemError } from '../model/problem.ts';
import type { StatementEffects } from '../model/statement-effects.ts';
import type { StepManner } from '../model/step-manner.ts';
import type { TargetLocks } from '../model/target.ts';

type WithImpact = Pick<Plan, 'steps'> & Required<Pick<Plan, 'touched' | 'manners' | 'limits'>>;

interface ToLookAt {
  readonly planned: readonly PlannedStep[];
  readonly files: readonly MigrationFile[];
  readonly locks: TargetLocks | undefined;
}

/** In the order of the steps: what one makes is not there for those before it. A file that is not SQL is for its check to tell. */
export async function withImpact(client: pg.Client, { planned: steps, files, locks }: ToLookAt): Promise<WithImpact> {
  const analysed = await analyse(steps, files);
  const limits = limitsOf({ ...DEFAULT_LOCK_POLICY, ...lockPolicyOf(locks) });
  if (!analysed || analysed.size === 0) return { steps, touched: [], manners: [], limits };
  const { catalogViewOf, effectsOfFiles, impactOf, readCatalogFacts, touchedByImpacts } = await import(
    '../migrator/effects/on-target.ts'
  );
  const inOrder = [...analysed.values()];
  const statements = inOrder.flatMap((file) => file.statements);
  const start = catalogViewOf(await readCatalogFacts(client, { statements }));
  const effects = effectsOfFiles(inOrder, start).map((one) => one.effects);
  const impacts = effects.map((one) => impactOf(one, start));
  const impactOfStep = new Map([...analysed.keys()].map((step, index) => [step, impacts[index]!]));
  return {
    steps: steps.map((step) => {
      const impact = impactOfStep.get(step);
      return impact ? { ...step, impact } : step;
    }),
    touched: touchedByImpacts(impacts, start),
    manners: [...analysed].map(([{ id }, file], index) => mannerOf(id, file, effects[index]!)),
    limits,
  };
}

function mannerOf(
  step: string,
  { transaction, parts }: AnalysedFile,
  effects: readonly StatementEffects[],
): StepManner {
  const undoables = effects.map(({ undoable }) => undoable);
  return {
    step,
    transaction,
    parts: parts.map((part) => ({ kind: part.kind, lockPolicy: kindOfPart(part) })),
    undoable: undoables.find((one) => one === 'no') ?? undoables.find((one) => one === 'loses data') ?? 'yes',
    opaque: effects.filter(({ opaque }) => opaque.length > 0).length,
  };
}

/** Undefined where a file cannot be read as SQL: what follows it could not be told either. */
async function analyse(
  steps: readonly PlannedStep[],
  files: readonly MigrationFile[],
): Promise<ReadonlyMap<PlannedStep, AnalysedFile> | undefined> {
  const found = new Map<PlannedStep, AnalysedFile>();
  try {
    for (const step of steps) {
      if (step.kind !== 'apply' && step.kind !== 'revert') continue;
      const file = files.find(({ version }) => version === step.migration.version);
      const sql = step.kind === 'apply' ? file?.up : file?.down;
      if (sql) found.set(step, await analyseFile(sql));
    }
    return found;
  } catch (error) {
    if (!isProblemError(error)) throw error;
    return undefined;
  }
}
