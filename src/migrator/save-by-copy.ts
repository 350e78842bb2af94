/**
 * Saves rows by COPY into one self-contained script, `restore.sql`, which psql puts back as the owner of the tables: with their
 * own triggers off, because those may refuse rows that are not new. Rows are streamed: however many, memory stays flat.
 */
import { createWriteStream } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import copyStreams from 'pg-copy-streams';
import { type CountedLoss, quotedTable } from './lost-rows.ts';
import {
  afterRows,
  beforeRows,
  beginning,
  copyOut,
  ending,
  type Position,
  TEXT_SETTINGS,
  wayBack,
} from './restore-script.ts';
import { syncPath } from './save-directory.ts';
import { describeTables, inOrderOfReference, type SavedShape } from './saved-shape.ts';
import { rowsOf, send, type Work } from './work.ts';

export interface TablesToSave {
  readonly tables: readonly CountedLoss[];
  readonly directory: string;
  /** What the directory holds, a line each. */
  readonly about: readonly string[];
}

export const RESTORE_FILE = 'restore.sql';

/** The session's settings are as before when it is done. Errors: the driver's own and the file system's. */
export async function saveByCopy(work: Work, { tables, directory, about }: TablesToSave): Promise<void> {
  const file = path.join(directory, RESTORE_FILE);
  const shapes = inOrderOfReference(await describeTables(work, tables));
  const positions = await positionsOf(work, shapes);
  await appendFile(file, beginning(shapes, about), { mode: 0o600 });
  await send(work, ['savepoint drydock_saving;', ...TEXT_SETTINGS].join('\n'));
  for (const [place, shape] of shapes.entries()) await saveTable(work, file, { shape, place });
  await send(work, 'rollback to savepoint drydock_saving; release savepoint drydock_saving;');
  await appendFile(file, ending(shapes, positions));
  await syncPath(file);
}

async function saveTable(
  work: Work,
  file: string,
  { shape, place }: { readonly shape: SavedShape; readonly place: number },
): Promise<void> {
  const way = wayBack(shape);
  if (way.kind === 'position') return;
  await appendFile(file, beforeRows(shape, way, place));
  const rows = work.session.client.query(copyStreams.to(copyOut(shape, way.columns)));
  try {
    await pipeline(rows, createWriteStream(file, { flags: 'a' }), work.signal ? { signal: work.signal } : {});
  } catch (error) {
    // The server goes on sending to nobody: this session can be asked nothing more, and its end takes everything back.
    (work.session.client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
    throw error;
  }
  await appendFile(file, `\\.\n${afterRows(shape, way, place)}\n`);
}

/** Of the sequences that go, alone or with a table: an identity must not give a number again that was used. */
async function positionsOf(work: Work, shapes: readonly SavedShape[]): Promise<Position[]> {
  const sequences = shapes.flatMap((shape) => {
    if (shape.relkind === 'S') return [quotedTable(shape)];
    return shape.how === 'dropped' ? shape.stored.flatMap(({ sequence }) => sequence ?? []) : [];
  });
  const positions: Position[] = [];
  for (const sequence of new Set(sequences)) {
    const [row] = await rowsOf<{ lastValue: string; isCalled: boolean }>(
      work,
      `select last_value::text as "lastValue", is_called as "isCalled" from ${sequence}`,
    );
    positions.push({ sequence, ...row! });
  }
  return positions;
}
