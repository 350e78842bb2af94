/** What an activity found or did, as values that fit a history: small, JSON-safe, without rows or secrets. */
import type { Problem } from './problem.ts';

/** One measured fact. `limit` is what it was held against, where there is a limit. Values are already formatted for reading. */
export interface Evidence {
  readonly name: string;
  readonly value: string;
  readonly limit?: string;
}

/** What a checklist item found. A failing check is a value, not an exception: a person decides about it. */
export interface CheckOutcome {
  readonly status: 'passed' | 'failed';
  /** One line: `2 of 2 replicas replayed the marker within 0.4 s`. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  /** When it was measured, ISO 8601 in UTC. */
  readonly measuredAt: string;
  /** Why it failed and the way out. */
  readonly problem?: Problem;
}

/** Rows that a step dropped, and where it saved them first. */
export interface SavedRows {
  /** Folder on the worker's machine. */
  readonly directory: string;
  /** Which worker, on which machine. */
  readonly worker: string;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
}

/** What a step of execution, validation or undo did. */
export interface StepOutcome {
  /** One line for the terminal and the report. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly durationMs: number;
  /** None where no row was lost. */
  readonly saved?: readonly SavedRows[];
  /** It is done, and a person is to decide whether the run goes on from here. */
  readonly deviation?: Problem;
}

/** `communication.channels: 4 rows`, several separated by commas, with the place: one line for a person who wants them back. */
export function savedRowsText({ directory, worker, tables }: SavedRows): string {
  const counts = tables.map(({ table, rows }) => `${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}`).join(', ');
  return `${counts} in ${directory} (${worker})`;
}
