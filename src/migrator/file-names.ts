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
  const files: NamedFile[] = [];
  const others: string[] = [];
  for (const name of [...fileNames].sort()) {
    const file = parseOne(name);
    if (file) files.push(file);
    else if (SQL.test(name)) others.push(name);
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
      ...groups.filter((group) => !isPair(group)).flatMap((group) => problemsOf(group, rules)),
      ...(lenient ? [] : gapsIn(groups.map((group) => group[0]!.version))),
      ...nothingIn(files, others, rules),
    ],
    repeatables: lenient ? repeatables : [],
    ignored: lenient ? misnamed : [],
  };
}

function parseOne(fileName: string): NamedFile | undefined {
  const match = NAME.exec(fileName);
  if (!match) return undefined;
  return { fileName, version: match[1]!, name: match[2]!, direction: match[3] as 'up' | 'down' };
}

function pairOf(group: readonly NamedFile[]): FilePair {
  const first = group[0];
  const second = group[1];
  const up = first!.direction === 'up' ? first : group.find((file) => file.direction === 'up');
  const down = second?.direction === 'down' ? second : group.find((file) => file.direction === 'down');
  const either = up ?? first!;
  return { version: either.version, name: either.name, up, down };
}

/** As most are: an up and a down file of one spelling. */
function isPair(group: readonly NamedFile[]): boolean {
  if (group.length !== 2) return false;
  const first = group[0]!;
  const second = group[1]!;
  return first.version === second.version && first.name === second.name && first.direction !== second.direction;
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

/** `files`: sorted by name. */
function groupByNumber(files: readonly NamedFile[]): readonly (readonly NamedFile[])[] {
  const digits = files[0]?.version.length;
  return files.every(({ version }) => version.length === digits) ? neighbours(files) : groupByKey(files);
}

/** Where all numbers have as many digits, as nearly everywhere, the order of the names is theirs. */
function neighbours(files: readonly NamedFile[]): readonly (readonly NamedFile[])[] {
  const groups: NamedFile[][] = [];
  for (const file of files) {
    const last = groups.at(-1);
    if (last && last[0]!.version === file.version) last.push(file);
    else groups.push([file]);
  }
  return groups;
}

function groupByKey(files: readonly NamedFile[]): readonly (readonly NamedFile[])[] {
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

function nothingIn(files: readonly NamedFile[], others: readonly string[], { numbers }: NameRules): string[] {
  if (files.length > 0) return [];
  if (others.length === 0) return ['there is no .sql file'];
  return numbers === 'any' ? [`no file is named NNN_name.up.sql, such as ${others[0]} should be`] : [];
}
