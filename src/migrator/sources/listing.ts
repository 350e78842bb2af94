/** A directory as formats see it: the names in it, and the texts of its files, each read once. It knows no format. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isBroken, type ReadSql, type SqlFile, sqlOfBytes, sqlOfText } from '../sql-file.ts';

export interface Listing {
  /** How the directory is printed. */
  readonly shown: string;
  /** Files and directories directly in it, sorted. */
  readonly names: readonly string[];
  /** Files in it and below, relative to it, with forward slashes, sorted. */
  nested(): readonly string[];
  /** Of a file in it or below. */
  text(relative: string): ReadSql;
  /** The same; what is wrong with it goes to `problems`. */
  file(relative: string, problems: string[]): SqlFile | undefined;
}

/** Errors: the file system's own. */
export function listDirectory(directory: string, shown: string): Listing {
  const texts = new Map<string, ReadSql>();
  let nested: readonly string[] | undefined;
  const text = (relative: string): ReadSql => {
    const known = texts.get(relative);
    if (known) return known;
    const read = readSql(`${directory}/${relative}`, `${shown}/${relative}`);
    texts.set(relative, read);
    return read;
  };
  return {
    shown,
    names: readdirSync(directory).sort(),
    nested: () => {
      nested ??= filesBelow(directory);
      return nested;
    },
    text,
    file: (relative, problems) => {
      const read = text(relative);
      if (!isBroken(read)) return read;
      problems.push(`${relative} ${read.what}`);
      return undefined;
    },
  };
}

/** As an object, which is not copied for each of thousands of files. */
const AS_TEXT = { encoding: 'utf8', flag: 'r' } as const;

/** One call for the whole file, where its bytes are a text; a text that holds the mark of broken bytes may be broken itself. */
function readSql(file: string, shown: string): ReadSql {
  const text = readFileSync(file, AS_TEXT);
  return text.includes('\ufffd') ? sqlOfBytes(shown, readFileSync(file)) : sqlOfText(shown, text);
}

/** Hidden directories and installed packages are passed by: nobody keeps migrations there. */
function filesBelow(directory: string, below = ''): string[] {
  const entries = readdirSync(path.join(directory, below), { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.') && name !== 'node_modules');
  const found = visible.flatMap((entry) => {
    const relative = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(directory, relative) : [relative];
  });
  return found.sort();
}
