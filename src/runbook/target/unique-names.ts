/** Names in one list of a target occur once: looked at beside zod, so that it is said together with every other problem. */
import { memberOf, valueAt } from '../schema-place.ts';
import type { DataPath, FileProblem, YamlDocument } from '../yaml-document.ts';

/** `path`: of the list. `noun`: of what is in it. */
export function uniqueNames(document: YamlDocument, path: DataPath, noun: string): readonly FileProblem[] {
  const list = valueAt(document.value, path);
  if (!Array.isArray(list)) return [];
  const names = list.map((one) => memberOf(one, 'name'));
  return names.flatMap((name, index) =>
    typeof name === 'string' && names.indexOf(name) < index
      ? [document.at([...path, index, 'name'], `two ${noun}s of this target are called "${name}"`)]
      : [],
  );
}
