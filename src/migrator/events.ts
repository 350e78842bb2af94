/** What a migrator tells while it works; the closed set is in src/model/migrator-event.ts, so that reports can render it. */
export type { MigrationRef, MigratorEvent, OnMigratorEvent, SavedTable } from '../model/migrator-event.ts';
