/**
 * Takes over the history of another tool, once: the ledger is made with a row for everything that tool applied, and its table
 * stays, under another name where it stood in the ledger's place. The way back, from ours to theirs, there is not.
 */
import type { ImportOutcome } from '../../model/takeover.ts';
import type { DirectoryContents } from '../files.ts';
import { createLedgerSql } from '../ledger-table.ts';
import { fullName, refuseProblems } from '../plan-problems.ts';
import type { Work } from '../work.ts';
import { type FoundHistory, findHistories, type Search } from './find-histories.ts';
import type { Ask } from './history.ts';
import { alreadyImported, onlyHistory, refuseRows } from './import-refusals.ts';
import { type LedgerPlace, ledgerPlace, makeRoomSql } from './ledger-place.ts';
import { inLedgerTransaction } from './ledger-transaction.ts';
import { type Matched, matchHistory } from './match-history.ts';
import { type RecordedRow, recordRowsSql } from './record-rows.ts';

export interface ImportRequest extends Pick<Search, 'from' | 'history'> {
  /** What to do with files whose checksum the tool knows and which differ from it. Default `refused`. */
  readonly edits?: 'refused' | 'accepted';
  /** Tags of drizzle's journal by the time at which they were generated. */
  readonly drizzleTags?: () => ReadonlyMap<string, string> | undefined;
}

export interface ImportGround {
  readonly contents: DirectoryContents;
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
}

/**
 * Under the migrator's lock, in one transaction. Errors: `history-not-found`, `history-ambiguous`, `history-unknown`,
 * `history-dirty`, `history-without-file`, `history-with-gaps`, `history-checksum-mismatch`, `ledger-not-empty`.
 */
export async function importHistory(
  work: Work,
  contents: DirectoryContents,
  request: ImportRequest,
): Promise<ImportOutcome> {
  const ground = { contents, schemas: work.schemas, ledgerSchema: work.ledgerSchema };
  return inLedgerTransaction(work, 'taking over the history', async (ask) => {
    const seen = await lookAtHistory(ask, ground, request, 'locked');
    if (seen.kind === 'done') return seen.outcome;
    const { found, matched, place } = seen;
    const room = place.kind === 'foreign' ? await makeRoomSql(ask, work.ledgerSchema) : null;
    if (room) await ask(room.sql);
    if (place.kind !== 'ours') await ask(createLedgerSql(work.ledgerSchema));
    const appliedBy = `import:${found.format.tool} (${work.owner.appliedBy})`;
    const rows = recordRowsSql(work.ledgerSchema, rowsOf(matched), { appliedBy, runId: work.owner.runId });
    if (rows) await ask(rows);
    return outcomeOf('imported', ground, { found, matched, renamedTo: room?.keptAs ?? null });
  });
}

/** What `importHistory` would do, asked in a read-only session. Errors: the same. */
export async function importPreview(ask: Ask, ground: ImportGround, request: ImportRequest): Promise<ImportOutcome> {
  const seen = await lookAtHistory(ask, ground, request, 'as-it-is');
  if (seen.kind === 'done') return seen.outcome;
  const room = seen.place.kind === 'foreign' ? await makeRoomSql(ask, ground.ledgerSchema) : null;
  return outcomeOf('would-import', ground, { ...seen, renamedTo: room?.keptAs ?? null });
}

type Seen =
  | { readonly kind: 'done'; readonly outcome: ImportOutcome }
  | { readonly kind: 'history'; readonly found: FoundHistory; readonly matched: Matched; readonly place: LedgerPlace };

async function lookAtHistory(
  ask: Ask,
  ground: ImportGround,
  request: ImportRequest,
  table: 'locked' | 'as-it-is',
): Promise<Seen> {
  const { contents, schemas, ledgerSchema } = ground;
  const place = await ledgerPlace(ask, ledgerSchema);
  if (place.kind === 'ours' && place.rows.length > 0) {
    const tool = alreadyImported(place.rows, request.from) ?? refuseRows(ledgerSchema, place.rows);
    return { kind: 'done', outcome: nothingDone(ground, tool) };
  }
  const found = onlyHistory(
    await findHistories(ask, { schemas: [...schemas, ledgerSchema], ...request }),
    ground,
    place,
  );
  // Who runs the old tool at this moment is waited for, and finds the table renamed or the ledger made.
  if (table === 'locked') await ask(`lock table ${found.table.quoted} in access exclusive mode`);
  const drizzleTags = request.drizzleTags ?? (() => undefined);
  const history = await found.format.read(ask, found.table, { drizzleTags });
  const edits = request.edits ?? 'refused';
  const matched = matchHistory(found.format.tool, history, { contents, edits });
  refuseProblems(matched.problems);
  return { kind: 'history', found, matched, place };
}

function rowsOf({ taken, repeatables }: Matched): RecordedRow[] {
  const versioned = taken.map(({ file, appliedAt, durationMs }) => ({
    version: file.version,
    name: file.name,
    upChecksum: file.up.checksum,
    downChecksum: file.down?.checksum ?? null,
    appliedAt,
    durationMs,
  }));
  const repeated = repeatables.map(({ file, appliedAt, durationMs }) => ({
    version: file.version,
    name: file.name,
    upChecksum: file.up.checksum,
    downChecksum: null,
    appliedAt,
    durationMs,
  }));
  return [...versioned, ...repeated];
}

interface Result {
  readonly found: FoundHistory;
  readonly matched: Matched;
  readonly renamedTo: string | null;
}

function outcomeOf(
  outcome: 'imported' | 'would-import',
  { ledgerSchema }: ImportGround,
  { found: { format, table }, matched, renamedTo }: Result,
): ImportOutcome {
  return {
    outcome,
    tool: format.tool,
    table: `${table.schema}.${table.name}`,
    renamedTo: renamedTo === null ? null : `${ledgerSchema}.${renamedTo}`,
    ledger: `${ledgerSchema}.schema_migrations`,
    recorded: [
      ...matched.taken.map(({ file: { version, name }, appliedAt, checksum }) => ({
        version,
        name,
        appliedAt,
        checksum,
      })),
      ...matched.repeatables.map(({ file, appliedAt }) => ({
        version: file.version,
        name: file.name,
        appliedAt,
        checksum: 'matches' as const,
      })),
    ],
    pending: matched.pending.map(fullName),
  };
}

function nothingDone({ ledgerSchema }: ImportGround, tool: string): ImportOutcome {
  const ledger = `${ledgerSchema}.schema_migrations`;
  return { outcome: 'already-imported', tool, table: null, renamedTo: null, ledger, recorded: [], pending: [] };
}
