/** What a rehearsal tells while it is under way, as a closed set; the words are in src/report/migrator. */
export type { OnRehearsalEvent, RehearsalEvent, RehearsalStage as Stage } from '../../model/rehearsal-event.ts';
