/** Adds to the steps of a plan what each does to tables that are there, by one question to the target. It changes nothing. */
import type pg from 'pg';
import type { MigrationFile } from '../migrator/files.ts';
import { type AnalysedFile, analyseFile } from '../migrator/statements.ts';
import type { Plan, PlannedStep } from '../model/plan.ts';
import { isProblemError } from '../model/problem.ts';

type WithImpact = Pick<Plan, 'steps'> & Required<Pick<Plan, 'touched'>>;

/** In the order of the steps: what one makes is not there for those before it. A file that is not SQL is for its check to tell. */
export async function withImpact(
  client: pg.Client,
  steps: readonly PlannedStep[],
  files: readonly MigrationFile[],
): Promise<WithImpact> {
  const analysed = await analyse(steps, files);
  if (!analysed || analysed.size === 0) return { steps, touched: [] };
  const { catalogViewOf, effectsOfFiles, impactOf, readCatalogFacts, touchedByImpacts } = await import(
    '../migrator/effects/on-target.ts'
  );
  const inOrder = [...analysed.values()];
  const statements = inOrder.flatMap((file) => file.statements);
  const start = catalogViewOf(await readCatalogFacts(client, { statements }));
  const impacts = effectsOfFiles(inOrder, start).map(({ effects }) => impactOf(effects, start));
  const impactOfStep = new Map([...analysed.keys()].map((step, index) => [step, impacts[index]!]));
  return {
    steps: steps.map((step) => {
      const impact = impactOfStep.get(step);
      return impact ? { ...step, impact } : step;
    }),
    touched: touchedByImpacts(impacts, start),
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
