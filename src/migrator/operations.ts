/** Everything that a migrator does to a database, in one place to be loaded from when it is asked for. It decides nothing. */
export { preflight } from '../postgres/preflight.ts';
export { keepCatalogIfLedgerMoved } from './drift/keep-catalog.ts';
export { dryRun } from './dry-run.ts';
export { fingerprint } from './fingerprint.ts';
export { readLedger } from './ledger.ts';
export { applyRequested, migrateAll } from './migrate.ts';
export { moveTo, redoLast, rollBackSeveral, wayTo } from './move.ts';
export { planMigrations } from './plan.ts';
export { resetAll, rollBackOne, undoRequested } from './roll-back.ts';
