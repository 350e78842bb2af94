/**
 * A statement in pieces, of which some have nothing to say where something is not there. Whole, it is right everywhere; picked, it is
 * put together in the server of those that count, because planning the others takes longer than running them.
 */
import pg from 'pg';

export type SqlPiece =
  | string
  | {
      readonly text: string;
      /** A condition that is cheap to ask. False: the piece adds nothing to the statement's answer. */
      readonly onlyIf: string;
    };

export function wholeSql(pieces: readonly SqlPiece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');
}

/** An expression of type text, for EXECUTE. */
export function pickedSql(pieces: readonly SqlPiece[]): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return pg.escapeLiteral(piece);
      return `case when ${piece.onlyIf} then ${pg.escapeLiteral(piece.text)} else '' end`;
    })
    .join('\n|| ');
}

/** Queries of the same columns as one; the first has no condition. */
export function unionOf(queries: readonly SqlPiece[]): SqlPiece[] {
  const [first, ...others] = queries;
  const joined = (text: string) => `\nunion all\n${text}`;
  return [first!, ...others.map((one) => (typeof one === 'string' ? joined(one) : { ...one, text: joined(one.text) }))];
}

/** The same pieces with their texts changed. */
export function mapPieces(
  pieces: readonly SqlPiece[],
  change: (text: string, index: number) => string,
): readonly SqlPiece[] {
  return pieces.map((piece, index) =>
    typeof piece === 'string' ? change(piece, index) : { ...piece, text: change(piece.text, index) },
  );
}
