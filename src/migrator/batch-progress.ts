/**
 * Tells of the migrations of one message in their order, each once: when it is through, or, where it takes long, by what the
 * ledger shows to a second connection meanwhile.
 */
import { connect } from '../postgres/connect.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';
import type { ApplyOutcome } from './apply-pending.ts';
import { type CommittedRow, committedSql } from './batch-message.ts';
import type { MigrationFile } from './files.ts';
import { versionKey } from './version-order.ts';
import type { Work } from './work.ts';

export interface BatchProgress {
  /** Tells those rows that were not told yet, `most` of them, and gives the outcomes of all. */
  tell(rows: readonly CommittedRow[], most?: number): readonly ApplyOutcome[];
  /** Tells that so many were begun, where that was not told yet. */
  begin(count: number): void;
  stop(): Promise<void>;
}

/** Most messages are through before anybody wonders. */
const LOOK_AFTER_MS = 1_000;
const LOOK_EVERY_MS = 500;

export function followBatch(work: Work, files: readonly MigrationFile[]): BatchProgress {
  const stopped = new AbortController();
  let begun = 0;
  let ended = 0;
  const begin = (count: number) => {
    for (; begun < Math.min(count, files.length); begun += 1) {
      work.emit({ kind: 'migration-started', migration: refOf(files[begun]!), parts: 1, resumedAt: null });
    }
  };
  const tell = (rows: readonly CommittedRow[], most = files.length): readonly ApplyOutcome[] => {
    const outcomes = outcomesOf(files.slice(0, most), rows);
    for (; ended < outcomes.length; ended += 1) {
      begin(ended + 1);
      const { version, name, durationMs } = outcomes[ended]!;
      work.emit({ kind: 'migration-applied', migration: { version, name }, durationMs });
    }
    return outcomes;
  };
  const looking = look(work, files, stopped.signal, (rows) => begin(tell(rows).length + 1)).catch(() => undefined);
  return {
    tell,
    begin,
    stop: async () => {
      stopped.abort();
      await looking;
    },
  };
}

/** The files that are committed: always the first ones. */
function outcomesOf(files: readonly MigrationFile[], rows: readonly CommittedRow[]): ApplyOutcome[] {
  const durations = new Map(rows.map((row) => [versionKey(row.version), row.durationMs]));
  return files.flatMap((file) => {
    const durationMs = durations.get(versionKey(file.version));
    return durationMs === undefined
      ? []
      : [{ ...refOf(file), outcome: 'applied' as const, durationMs, observed: null }];
  });
}

async function look(
  work: Work,
  files: readonly MigrationFile[],
  signal: AbortSignal,
  tell: (rows: readonly CommittedRow[]) => void,
): Promise<void> {
  await work.clock.pause(LOOK_AFTER_MS, signal);
  const session = await connect({ ...work.connection, purpose: 'read' });
  try {
    for (;;) {
      const { rows } = await session.client
        .query<CommittedRow>(committedSql(work.ledgerSchema, files))
        .catch(unlessNoLedger);
      if (signal.aborted) return;
      tell(rows);
      await work.clock.pause(LOOK_EVERY_MS, signal);
    }
  } finally {
    await session.close();
  }
}

/** The first of all files makes it with its commit. */
function unlessNoLedger(error: unknown): { readonly rows: readonly CommittedRow[] } {
  if (sqlstateOf(error) === UNDEFINED_TABLE || sqlstateOf(error) === UNDEFINED_SCHEMA) return { rows: [] };
  throw error;
}

const UNDEFINED_TABLE = '42P01';
const UNDEFINED_SCHEMA = '3F000';

function refOf({ version, name }: MigrationFile) {
  return { version, name };
}
