/** Every activity of a worker, bound to its dependencies and wrapped so that it stays alive, stops when told and fails well. */
import { analyzeRunTables, watchAfterRunRelease } from './after-release.ts';
import { type Attempt, alive } from './alive.ts';
import { awaitRunReplicas, lookBeforeRunStep } from './before-step.ts';
import { claimDatabase, dropRunClaim, renewClaim } from './claims.ts';
import { pauseRunConsumer, resumeRunConsumer } from './consumers.ts';
import type { RunbookActivities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { compareRunFingerprint, storeRunFingerprint } from './fingerprints.ts';
import { extendRunHold, keepRunHold } from './lease.ts';
import { applyRunMigration, revertRunMigration } from './migrations.ts';
import { notifyAboutRun } from './notifications.ts';
import { makePlan } from './plans.ts';
import { writeReport } from './reports.ts';
import { writeRunRestorePoint } from './restore-point.ts';
import { applyRunSeed, undoRunSeed } from './seeds.ts';
import { holdTraffic, proveRunQuiet, releaseTraffic } from './traffic.ts';
import { checkRunStatus, runChecklistItem, validateRun } from './validations.ts';

/** The activities to register; their names are those of the contract. */
export function createActivities(deps: Dependencies): RunbookActivities {
  const bound = <I, O>(work: (deps: Dependencies, input: I, attempt: Attempt) => Promise<O>) =>
    alive((input: I, attempt) => work(deps, input, attempt));
  return {
    makePlan: bound(makePlan),
    claimDatabase: bound(claimDatabase),
    renewClaim: bound(renewClaim),
    dropClaim: bound(dropRunClaim),
    runCheck: bound(runChecklistItem),
    holdTraffic: bound(holdTraffic),
    releaseTraffic: bound(releaseTraffic),
    proveQuiet: bound(proveRunQuiet),
    storeFingerprint: bound(storeRunFingerprint),
    compareFingerprint: bound(compareRunFingerprint),
    checkStatus: bound(checkRunStatus),
    applyMigration: bound(applyRunMigration),
    revertMigration: bound(revertRunMigration),
    applySeed: bound(applyRunSeed),
    undoSeed: bound(undoRunSeed),
    validate: bound(validateRun),
    pauseConsumer: bound(pauseRunConsumer),
    resumeConsumer: bound(resumeRunConsumer),
    keepHold: bound(keepRunHold),
    extendHold: bound(extendRunHold),
    writeRestorePoint: bound(writeRunRestorePoint),
    lookBeforeStep: bound(lookBeforeRunStep),
    awaitReplicas: bound(awaitRunReplicas),
    analyzeTables: bound(analyzeRunTables),
    watchAfterRelease: bound(watchAfterRunRelease),
    notify: bound(notifyAboutRun),
    writeReport: bound(writeReport),
  };
}
