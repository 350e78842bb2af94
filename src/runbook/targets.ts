/**
 * Reads `drydock.yaml`: the targets of a checkout, with every problem of the file at once. It holds references to secrets
 * and never a secret.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../model/problem.ts';
import type { TargetView } from '../model/target.ts';
import { placeholderNames } from './consistency.ts';
import { durationMs, SLUG_FORM, SLUG_PATTERN } from './fields.ts';
import { refuseFile } from './file-fault.ts';
import { locksOf } from './locks-schema.ts';
import { nearest } from './nearest.ts';
import { memberOf, valueAt } from './schema-place.ts';
import { checkShape } from './shape-problems.ts';
import { afterReleaseOf } from './target/after-release-schema.ts';
import { backupsOf } from './target/backups-schema.ts';
import { consumersOf } from './target/consumers-schema.ts';
import { drainOf } from './target/drain-schema.ts';
import { notifyOf } from './target/notify-schema.ts';
import { replicasOf } from './target/replicas-schema.ts';
import { uniqueNames } from './target/unique-names.ts';
import { type TargetEntry, targetsSchema } from './target-schema.ts';
import { type FileProblem, parseYaml, type YamlDocument } from './yaml-document.ts';

export const TARGETS_FILE = 'drydock.yaml';

/** Where a URL is kept: the name of an environment variable of the worker, or a file (relative to the root, or absolute). */
export type UrlReference =
  | { readonly kind: 'env'; readonly variable: string }
  | { readonly kind: 'file'; readonly path: string };

/** One target as the worker sees it. `view` is the part that may leave the worker. */
export interface Target {
  readonly view: TargetView;
  readonly url: UrlReference;
  /** The runbooks that may run here; undefined: all. */
  readonly runbooks?: readonly string[];
  /** Over those of a runbook that has placeholders. */
  readonly placeholders?: Readonly<Record<string, string>>;
}

/** All targets, in the order of the file. Errors: `targets-missing`, `targets-invalid` (all problems, with line and column). */
export async function loadTargets(root: string): Promise<readonly Target[]> {
  const text = await readFile(path.join(root, TARGETS_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) throw missingFile();
  const document = parseYaml(text);
  refuseFile({ code: 'targets-invalid', file: TARGETS_FILE, problems: document.syntaxProblems });
  const { data, problems } = checkShape(targetsSchema, document);
  refuseFile({ code: 'targets-invalid', file: TARGETS_FILE, problems: [...problems, ...checkEach(document)] });
  return Object.entries(data!.targets).map(([name, entry]) => toTarget(name, entry));
}

/** The target of this name. Errors: as `loadTargets`, and `target-unknown` (lists those there are). */
export async function findTarget(name: string, root: string): Promise<Target> {
  const targets = await loadTargets(root);
  const found = targets.find(({ view }) => view.name === name);
  if (found === undefined)
    throw unknownTarget(
      name,
      targets.map(({ view }) => view.name),
    );
  return found;
}

/** The part of a target that may stand in a history, a report or a terminal. */
export function targetView(target: Target): TargetView {
  return target.view;
}

/** Refuses a runbook that the target does not list. Error: `runbook-not-allowed`. */
export function requireRunbookAllowed(target: Target, runbook: string): void {
  if (target.runbooks === undefined || target.runbooks.includes(runbook)) return;
  throw new ProblemError({
    code: 'runbook-not-allowed',
    message: `the target ${target.view.name} does not take the runbook ${runbook}`,
    found: `${TARGETS_FILE} lists ${target.runbooks.join(', ')} under runbooks`,
    next: `choose another target, or add ${runbook} to the runbooks of ${target.view.name} in ${TARGETS_FILE}`,
  });
}

function toTarget(name: string, entry: TargetEntry): Target {
  const {
    environment,
    taskQueue,
    replicas,
    backups,
    seeds,
    drain,
    consumers,
    afterRelease,
    notify,
    onUndoFailed,
    saveDirectory,
    runbooks,
    placeholders,
  } = entry;
  const url: UrlReference =
    entry.url.env === undefined
      ? { kind: 'file', path: entry.url.file ?? '' }
      : { kind: 'env', variable: entry.url.env };
  const view: TargetView = {
    name,
    environment,
    urlSource: urlSource(url),
    ...(taskQueue === undefined ? {} : { taskQueue }),
    replicas: replicasOf(replicas),
    backups: backupsOf(backups),
    ...(consumers === undefined ? {} : { consumers: consumersOf(consumers) }),
    seeds,
    window: windowOf(entry),
    drain: drainOf(drain),
    ...(afterRelease === undefined ? {} : { afterRelease: afterReleaseOf(afterRelease) }),
    ...(notify === undefined ? {} : { notify: notifyOf(notify) }),
    onUndoFailed,
    holdAtMostMs: durationMs(entry.holdAtMost),
    saveDirectory,
    ...(entry.locks === undefined ? {} : { locks: locksOf(entry.locks) }),
  };
  return {
    view,
    url,
    ...(runbooks === undefined ? {} : { runbooks }),
    ...(placeholders === undefined ? {} : { placeholders }),
  };
}

function urlSource(url: UrlReference): string {
  return url.kind === 'env' ? `environment variable ${url.variable}` : `file ${url.path}`;
}

function windowOf({ window }: TargetEntry): TargetView['window'] {
  const { approvalTimeout, drain, drainTimeout } = window;
  return {
    ...(approvalTimeout === undefined ? {} : { approvalTimeoutMs: durationMs(approvalTimeout) }),
    ...(drain === undefined ? {} : { drainMs: durationMs(drain) }),
    ...(drainTimeout === undefined ? {} : { drainTimeoutMs: durationMs(drainTimeout) }),
  };
}

function checkEach(document: YamlDocument): readonly FileProblem[] {
  const targets = valueAt(document.value, ['targets']);
  if (targets === null || typeof targets !== 'object') return [];
  return Object.keys(targets).flatMap((name) => [
    ...checkName(document, name),
    ...checkUrl(document, name),
    ...placeholderNames(document, ['targets', name]),
    ...uniqueNames(document, ['targets', name, 'consumers'], 'consumer'),
    ...uniqueNames(document, ['targets', name, 'notify'], 'notifier'),
  ]);
}

function checkName(document: YamlDocument, name: string): readonly FileProblem[] {
  return SLUG_PATTERN.test(name) ? [] : [document.atKey(['targets'], name, `"${name}": ${SLUG_FORM}`)];
}

function checkUrl(document: YamlDocument, name: string): readonly FileProblem[] {
  const url = valueAt(document.value, ['targets', name, 'url']);
  if (url === null || typeof url !== 'object') return [];
  const ways = ['env', 'file'].filter((key) => memberOf(url, key) !== undefined);
  const text = 'url: give either "env", the name of an environment variable, or "file", a path';
  return ways.length === 1 ? [] : [document.at(['targets', name, 'url'], text)];
}

function missingFile(): ProblemError {
  return new ProblemError({
    code: 'targets-missing',
    message: `there is no ${TARGETS_FILE} here`,
    expected: `${TARGETS_FILE} in the root of the checkout, with the databases that runbooks run on`,
    next: 'run the command in the root of the checkout',
  });
}

function unknownTarget(name: string, names: readonly string[]): ProblemError {
  const meant = nearest(name, names);
  return new ProblemError({
    code: 'target-unknown',
    message: `there is no target "${name}"`,
    found: `${TARGETS_FILE} holds ${names.join(', ') || 'none'}`,
    ...(meant === undefined ? {} : { expected: `did you mean "${meant}"?` }),
    next: `use one of these, or add ${name} to ${TARGETS_FILE}`,
  });
}
