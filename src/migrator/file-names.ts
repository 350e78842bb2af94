/**
 * What a list of file names says about migrations: which belong together, and what is missing, doubled, misnamed or left
 * out. Pure: it has not seen the files.
 */

export interface NamedFile {
  readonly fileName: string;
  readonly version: string;
  readonly name: string;
  readonly direction: 'up' | 'down';
}

export interface FilePair {
  readonly version: string;
  readonly name: string;
  readonly up: NamedFile | undefined;
  readonly down: NamedFile | undefined;
}

export interface ParsedNames {
  /** In order of their numbers. */
  readonly pairs: readonly FilePair[];
  /** One sentence each, beginning with the file or number it is about. */
  readonly problems: readonly string[];
}

const NAME = /^(\d+)_(.+)\.(up|down)\.sql$/;
/** Numbers from here on are points in time; nobody expects those to be without gaps. */
const FIRST_TIMESTAMP = 100_000_000n;

export function parseFileNames(fileNames: readonly string[]): ParsedNames {
  const sqlNames = fileNames.filter((name) => /\.sql$/i.test(name)).sort();
  const files = sqlNames.map(parseOne).filter((file) => file !== undefined);
  const misnamed = sqlNames.filter((name) => !NAME.test(name));
  const groups = groupByNumber(files);
  return {
    pairs: groups.map((group) => pairOf(group.files)),
    problems: [
      ...misnamed.map((name) => `${name} is not named NNN_name.up.sql or NNN_name.down.sql`),
      ...groups.flatMap((group) => problemsOf(group.files)),
      ...gapsIn(groups),
      ...(sqlNames.length === 0 ? ['there is no .sql file'] : []),
    ],
  };
}

function parseOne(fileName: string): NamedFile | undefined {
  const match = NAME.exec(fileName);
  if (!match) return undefined;
  const [, version, name, direction] = match;
  return { fileName, version: version!, name: name!, direction: direction as 'up' | 'down' };
}

function pairOf(group: readonly NamedFile[]): FilePair {
  const up = group.find((file) => file.direction === 'up');
  const down = group.find((file) => file.direction === 'down' && (!up || file.name === up.name));
  const either = up ?? group[0]!;
  return { version: either.version, name: either.name, up, down };
}

function problemsOf(group: readonly NamedFile[]): string[] {
  const names = new Set(group.map((file) => file.name));
  const spellings = new Set(group.map((file) => file.version));
  if (names.size > 1 || spellings.size > 1) return [doubled(group)];
  const { version, name, direction } = group[0]!;
  if (group.length === 2) return [];
  const missing = direction === 'up' ? 'down' : 'up';
  return [`${version}_${name}.${missing}.sql is missing beside ${group[0]!.fileName}`];
}

function doubled(group: readonly NamedFile[]): string {
  return `number ${group[0]!.version} is used by ${group.map((file) => file.fileName).join(', ')}`;
}

interface Numbered {
  readonly number: bigint;
  readonly files: readonly NamedFile[];
}

function groupByNumber(files: readonly NamedFile[]): readonly Numbered[] {
  const groups = new Map<bigint, NamedFile[]>();
  for (const file of files) {
    const number = BigInt(file.version);
    groups.set(number, [...(groups.get(number) ?? []), file]);
  }
  return [...groups]
    .map(([number, group]) => ({ number, files: group }))
    .sort((a, b) => (a.number < b.number ? -1 : 1));
}

function gapsIn(groups: readonly Numbered[]): string[] {
  return groups.flatMap((current, index) => {
    const previous = groups[index - 1]?.number ?? 0n;
    if (current.number <= previous + 1n || current.number >= FIRST_TIMESTAMP) return [];
    const width = current.files[0]!.version.length;
    const first = String(previous + 1n).padStart(width, '0');
    const last = String(current.number - 1n).padStart(width, '0');
    return [`${first === last ? `number ${first} is` : `numbers ${first} to ${last} are`} missing`];
  });
}
