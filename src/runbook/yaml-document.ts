/**
 * A YAML file that remembers where each value and key stands, so that a problem found later can be said with its line.
 * It knows YAML's syntax and nothing of runbooks.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** Keys and list positions from the top of the file to a value. */
export type DataPath = readonly (string | number)[];

/** One thing wrong in a file. Lines and columns count from 1. */
export interface FileProblem {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export interface YamlDocument {
  /** The plain value; undefined where the syntax is broken. */
  readonly value: unknown;
  /** What the YAML parser itself refuses: broken syntax, duplicate keys, runaway aliases. */
  readonly syntaxProblems: readonly FileProblem[];
  /** A problem at the value of `path`, or at the closest parent that is there. */
  at(path: DataPath, text: string): FileProblem;
  /** A problem at the key `key` inside the map at `path`. */
  atKey(path: DataPath, key: string, text: string): FileProblem;
}

/** Parses one YAML 1.2 document. Never throws for what is in the file. */
export function parseYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const place = (offset: number, problem: string): FileProblem => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), text: problem };
  };
  const syntaxProblems = [...document.errors, ...document.warnings].map((error) =>
    place(error.pos[0], firstLine(error.message)),
  );
  const value = syntaxProblems.length > 0 ? undefined : plainValue(document, (message) => syntaxProblems.push(message));
  return {
    value,
    syntaxProblems,
    at: (path, problem) => place(offsetOf(document, path), problem),
    atKey: (path, key, problem) => place(keyOffset(document, path, key), problem),
  };
}

function plainValue(document: Document.Parsed, refuse: (problem: FileProblem) => void): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    refuse({ line: 1, column: 1, text: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}

function nodeAt(document: Document.Parsed, path: DataPath): { node: Node | null; complete: boolean } {
  let node = resolved(document, document.contents);
  for (const step of path) {
    const next = childOf(document, node, step);
    if (next === null) return { node, complete: false };
    node = next;
  }
  return { node, complete: true };
}

function childOf(document: Document.Parsed, node: Node | null, step: string | number): Node | null {
  if (isSeq(node)) return resolved(document, (node.items[Number(step)] as Node | undefined) ?? null);
  if (!isMap(node)) return null;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return resolved(document, (pair?.value as Node | null | undefined) ?? null);
}

function resolved(document: Document.Parsed, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function offsetOf(document: Document.Parsed, path: DataPath): number {
  const { node, complete } = nodeAt(document, path);
  const last = path.at(-1);
  if (!complete && isMap(node) && typeof last === 'string') return keyOffset(document, path.slice(0, -1), last);
  return node?.range?.[0] ?? 0;
}

function keyOffset(document: Document.Parsed, path: DataPath, key: string): number {
  const { node } = nodeAt(document, path);
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
  }
  return node?.range?.[0] ?? 0;
}
