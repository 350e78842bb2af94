/** Fills the placeholders of everything that a directory holds, and refuses it where one has no value. */
import { ProblemError } from '../model/problem.ts';
import type { DirectoryContents } from './files.ts';
import { fillPlaceholders, type PlaceholderValues } from './placeholders.ts';
import type { SqlFile } from './sql-file.ts';

/** `valuesIn`: the file that they come from; default: the command line. Errors: `placeholder-missing`, with every place. */
export function fillAll(contents: DirectoryContents, values: PlaceholderValues, valuesIn?: string): DirectoryContents {
  const missing: string[] = [];
  const scope = contents.format === 'flyway' ? 'everywhere' : 'outside-bodies';
  const fill = <File extends SqlFile | null>(file: File): File => {
    if (file === null) return file;
    const filled = fillPlaceholders(file, values, scope);
    missing.push(...filled.missing);
    return filled.file as File;
  };
  const files = contents.files.map((one) => ({ ...one, up: fill(one.up), down: fill(one.down) }));
  const repeatables = contents.repeatables.map((one) => ({ ...one, up: fill(one.up), down: fill(one.down) }));
  if (missing.length > 0) throw noValue(missing, Object.keys(values), valuesIn);
  return { ...contents, files, repeatables };
}

function noValue(missing: readonly string[], known: readonly string[], valuesIn: string | undefined): ProblemError {
  const name = /\{(.+)\}$/.exec(missing[0]!)?.[1];
  return new ProblemError({
    code: 'placeholder-missing',
    message: `${missing.length} ${missing.length === 1 ? 'placeholder has' : 'placeholders have'} no value`,
    found: missing.join('\n'),
    expected: known.length === 0 ? 'a value for each' : `a value for each; there are values for ${known.join(', ')}`,
    next:
      valuesIn === undefined
        ? `add --set ${name}=VALUE`
        : `add ${name} to the placeholders of ${valuesIn}, or of the target in drydock.yaml, which is then named with --target`,
  });
}
