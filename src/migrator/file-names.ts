/**
 * What a list of file names in golang-migrate's layout says about migrations: which belong together, and what is missing,
 * doubled, misnamed or left out. Pure: it has not seen the files.
 */
import { gapsIn } from './number-gaps.ts';
import { isRepeatable } from './repeatable-files.ts';
import { compareKeys, versionKey } from './version-order.ts';

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

/** How strict a directory is kept. */
export interface NameRules {
  /** `optional`: a migration without a down file cannot be taken back, and is no problem. Default `required`. */
  readonly mirrors?: 'required' | 'optional';
  /** `any`: gaps, and any first number; other .sql files are left alone. Default `consecutive`. */
  readonly numbers?: 'consecutive' | 'any';
  /** Values for `${name}`, filled in by whoever reads the files. Left out: files of a tool that fills some in may hold none. */
  readonly placeholders?: Readonly<Record<string, string>>;
}

export interface ParsedNames {
  /** In order of their numbers. */
  readonly pairs: readonly FilePair[];
  /** One sentence each, beginning with the file or number it is about. */
  readonly problems: readonly string[];
  /** `R__name.sql`, in the order of their names. */
  readonly repeatables: readonly string[];
  /** `.sql` files that are no migrations; none where they are problems. */
  readonly ignored: readonly string[];
}

const SQL = /\.sql$/i;
const NAME = /^(\d+)_(.*)\.(up|down)\.sql$/;

export function parseFileNames(fileNames: readonly string[], rules: NameRules = {}): ParsedNames {
  const sqlNames = fileNames.filter((name) => SQL.test(name)).sort();
  const files: NamedFile[] = [];
  const others: string[] = [];
  for (const name of sqlNames) {
    const file = parseOne(name);
    if (file) files.push(file);
    else others.push(name);
  }
  const misnamed = others.filter((name) => !isRepeatable(name));
  const groups = groupByNumber(files);
  const lenient = rules.numbers === 'any';
  const repeatables = others.filter(isRepeatable);
  return {
    pairs: groups.map(pairOf),
    problems: [
      ...(lenient ? [] : misnamed.map((name) => `${name} is not named NNN_name.up.sql or NNN_name.down.sql`)),
      ...(lenient ? [] : repeatables.map((name) => `${name} is repeatable, and a runbook takes no such migration yet`)),
      ...groups.flatMap((group) => problemsOf(group, rules)),
      ...(lenient ? [] : gapsIn(groups.map((group) => group[0]!.version))),
      ...nothingIn(files, sqlNames, rules),
    ],
    repeatables: lenient ? repeatables : [],
    ignored: lenient ? misnamed : [],
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
  const down = group.find((file) => file.direction === 'down');
  const either = up ?? group[0]!;
  return { version: either.version, name: either.name, up, down };
}

function problemsOf(group: readonly NamedFile[], rules: NameRules): string[] {
  if (isDoubled(group, rules)) {
    return [`number ${group[0]!.version} is used by ${group.map((file) => file.fileName).join(', ')}`];
  }
  if (group.length === 2) return [];
  const { version, name, direction, fileName } = group[0]!;
  if (direction === 'up' && rules.mirrors === 'optional') return [];
  const missing = direction === 'up' ? 'down' : 'up';
  return [`${version}_${name}.${missing}.sql is missing beside ${fileName}`];
}

/** golang-migrate pairs by number alone; where mirrors are required a mirror of another name is a slip. */
function isDoubled(group: readonly NamedFile[], { mirrors }: NameRules): boolean {
  const [first] = group;
  if (group.some((file) => file.version !== first!.version)) return true;
  if (mirrors !== 'optional') return group.some((file) => file.name !== first!.name);
  return group.length > 2 || group[0]!.direction === group[1]?.direction;
}

function groupByNumber(files: readonly NamedFile[]): readonly (readonly NamedFile[])[] {
  const groups = new Map<string, NamedFile[]>();
  for (const file of files) {
    const key = versionKey(file.version);
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  const keys = [...groups.keys()].sort(compareKeys);
  return keys.map((key) => groups.get(key)!);
}

function nothingIn(files: readonly NamedFile[], sqlNames: readonly string[], { numbers }: NameRules): string[] {
  if (files.length > 0) return [];
  if (sqlNames.length === 0) return ['there is no .sql file'];
  return numbers === 'any' ? [`no file is named NNN_name.up.sql, such as ${sqlNames[0]} should be`] : [];
}
