/** A file's text by the byte offsets that parse nodes carry; the parser counts UTF-8 bytes, JavaScript does not. */

export interface SourceText {
  /** The text between two byte offsets, without white space at its ends. */
  slice(fromByte: number, toByte: number): string;
  /** The place of a byte offset, in UTF-16 units. */
  unitAt(byte: number): number;
  /** The byte offset of a place in UTF-16 units. */
  byteAt(unit: number): number;
}

export function sourceText(sql: string): SourceText {
  let encoded: Buffer | undefined;
  const bytes = (): Buffer => {
    encoded ??= Buffer.from(sql, 'utf8');
    return encoded;
  };
  return {
    slice: (fromByte, toByte) => bytes().toString('utf8', fromByte, toByte).trim(),
    unitAt: (byte) => bytes().toString('utf8', 0, byte).length,
    byteAt: (unit) => Buffer.byteLength(sql.slice(0, unit), 'utf8'),
  };
}
