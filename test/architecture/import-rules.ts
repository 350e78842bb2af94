/**
 * The import rules of the house, as data, and the check of files against them. A violation carries the rule it breaks, so that
 * whoever reads it need not look anything up.
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { GlobalFact, ImportFact, SourceFacts } from './source-facts.ts';

/** What a folder of src may import. What is not mentioned is free. */
interface LayerRule {
  /** In the words of the design. */
  readonly rule: string;
  /** Other folders of src that it may import from; without it, all but those that LIMITED keeps closed. */
  readonly layers?: readonly string[];
  readonly mayUsePackage?: (name: string) => boolean;
  readonly mayUseBuiltin?: (name: string) => boolean;
}

const none = (): boolean => false;
const noTemporal = (name: string): boolean => !name.startsWith('@temporalio/');

const LAYERS: Readonly<Record<string, LayerRule>> = {
  model: { rule: 'model imports nothing', layers: [], mayUsePackage: none, mayUseBuiltin: none },
  workflows: {
    rule: 'workflows import only model, @temporalio/workflow, @temporalio/common and types of activities',
    layers: ['model', 'activities'],
    mayUsePackage: (name) => ['@temporalio/workflow', '@temporalio/common'].includes(name),
    mayUseBuiltin: none,
  },
  postgres: { rule: 'postgres imports only model, never @temporalio/*', layers: ['model'], mayUsePackage: noTemporal },
  runbook: {
    rule: 'runbook imports only model and postgres, never @temporalio/*',
    layers: ['model', 'postgres'],
    mayUsePackage: noTemporal,
  },
  migrator: {
    rule: 'migrator imports only model and postgres, never @temporalio/*',
    layers: ['model', 'postgres'],
    mayUsePackage: noTemporal,
  },
  checks: {
    rule: 'checks import only model, postgres, runbook, migrator and outside, never @temporalio/*',
    layers: ['model', 'postgres', 'runbook', 'migrator', 'outside'],
    mayUsePackage: noTemporal,
  },
  drain: {
    rule: 'drain imports only model, postgres, runbook, checks and outside, never @temporalio/*',
    layers: ['model', 'postgres', 'runbook', 'checks', 'outside'],
    mayUsePackage: noTemporal,
  },
  outside: { rule: 'outside imports only model and postgres', layers: ['model', 'postgres'], mayUsePackage: none },
  notify: { rule: 'notify imports only model and outside', layers: ['model', 'outside'], mayUsePackage: none },
  guard: {
    rule: 'guard imports only model, postgres and drain, never @temporalio/*',
    layers: ['model', 'postgres', 'drain'],
    mayUsePackage: noTemporal,
  },
  data: {
    rule: 'data imports only model, postgres and migrator, never @temporalio/*',
    layers: ['model', 'postgres', 'migrator', 'cli'],
    mayUsePackage: noTemporal,
  },
  report: {
    rule: 'report does no IO: it imports only model and picocolors',
    layers: ['model'],
    mayUsePackage: (name) => name === 'picocolors',
    mayUseBuiltin: none,
  },
  activities: {
    rule: 'activities bind the layers below to Temporal, and import neither client nor worker nor dev',
    layers: ['model', 'postgres', 'runbook', 'migrator', 'checks', 'drain', 'guard', 'data', 'report', 'notify'],
  },
  client: {
    rule: 'client imports only model, runbook and report, besides types',
    layers: ['model', 'runbook', 'report', 'workflows', 'activities'],
  },
};

/** Folders that stay closed to others, except in the ways named here. */
const LIMITED: ReadonlyArray<{
  readonly layer: string;
  readonly rule: string;
  readonly mayImport: (from: string, to: string, kind: ImportFact['kind']) => boolean;
}> = [
  {
    layer: 'cli',
    rule: 'nothing imports cli; entry points read the environment by src/cli/environment.ts, and scripts of src/data run a command lazily',
    mayImport: (from, to, kind) =>
      (to === 'src/cli/environment.ts' && (layerOf(from) === 'dev' || !from.startsWith('src/'))) ||
      (layerOf(from) === 'data' && kind === 'lazy'),
  },
  {
    layer: 'workflows',
    rule: 'workflows are imported as types only: their code runs in a bundle',
    mayImport: (_from, _to, kind) => kind === 'type',
  },
  {
    layer: 'activities',
    rule: 'activities are imported by the worker, by others as types only',
    mayImport: (from, _to, kind) => kind === 'type' || layerOf(from) === 'worker' || !from.startsWith('src/'),
  },
  {
    layer: 'dev',
    // A rehearsal may take place on a PostgreSQL of this machine, which only dev knows how to start and to end for certain.
    rule: 'nothing imports dev, but for src/dev/rehearsal-server.ts, which src/cli loads when a rehearsal asks for a server',
    mayImport: (from, to, kind) => to === 'src/dev/rehearsal-server.ts' && layerOf(from) === 'cli' && kind === 'lazy',
  },
];

/** One line for each import that breaks a rule: where, what, and which rule. */
export function importViolations(files: readonly SourceFacts[]): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((fact) => {
      const rule = brokenRule(file.path, fact);
      return rule ? [`${file.path}:${fact.line} imports ${fact.specifier}. Rule: ${rule}`] : [];
    }),
  );
}

function brokenRule(from: string, { specifier, kind }: ImportFact): string | undefined {
  const own = LAYERS[layerOf(from) ?? ''];
  if (!specifier.startsWith('.')) return own && !mayUse(own, specifier) ? own.rule : undefined;
  const to = posix.join(posix.dirname(from), specifier);
  const target = layerOf(to);
  if (!target || target === layerOf(from)) return undefined;
  const limit = LIMITED.find(({ layer }) => layer === target);
  if (limit && !limit.mayImport(from, to, kind)) return limit.rule;
  return own?.layers && !own.layers.includes(target) ? own.rule : undefined;
}

function mayUse({ mayUsePackage, mayUseBuiltin }: LayerRule, specifier: string): boolean {
  if (isBuiltin(specifier)) return mayUseBuiltin?.(specifier) ?? true;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return mayUsePackage?.(name) ?? true;
}

/** `model` for src/model/plan.ts; undefined outside of src and for files directly in it. */
function layerOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

const ENVIRONMENT_READER = 'src/cli/environment.ts';

/** One line for each use of the environment or the terminal outside of the places that may. */
export function globalViolations(files: readonly SourceFacts[]): string[] {
  return files.flatMap(({ path, globals }) =>
    globals
      .filter(({ name }) => !mayTouch(path, name))
      .map(({ name, line }) => `${path}:${line} uses ${name}. Rule: ${ruleOf(name)}`),
  );
}

function mayTouch(path: string, name: GlobalFact['name']): boolean {
  if (name === 'process.env') return path === ENVIRONMENT_READER;
  return !path.startsWith('src/') || ['cli', 'dev'].includes(layerOf(path) ?? '');
}

function ruleOf(name: GlobalFact['name']): string {
  return name === 'process.env'
    ? `one reader of the environment, ${ENVIRONMENT_READER}`
    : 'only src/cli, src/dev and worker.ts print';
}

/** One line for each ring of files that import each other at run time. */
export function importCycles(files: readonly SourceFacts[]): string[] {
  const edges = new Map(files.map(({ path, imports }) => [path, runtimeTargets(path, imports)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' > '));
    if (start >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}

function runtimeTargets(path: string, imports: readonly ImportFact[]): string[] {
  return imports
    .filter(({ specifier, kind }) => kind === 'value' && specifier.startsWith('.'))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier));
}
