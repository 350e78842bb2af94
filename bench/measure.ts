/**
 * Runs contenders side by side: in every round each one once, in an order that turns, on a database made anew; the median of the
 * rounds counts. A run that did not do its work is an error, never a time.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Command, Contender, Ground, Scenario } from './contender.ts';
import { SCENARIOS } from './contender.ts';
import type { MigrationSet } from './sets.ts';

export interface Timings {
  readonly contender: string;
  readonly kind: Contender['kind'];
  /** Milliseconds of each round. */
  readonly rounds: Readonly<Partial<Record<Scenario, readonly number[]>>>;
}

export interface MeasureOptions {
  readonly set: MigrationSet;
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  /** Of a server where databases may be made and dropped. */
  readonly serverUrl: string;
  /** Database that each one starts from. */
  readonly template: string;
  /** Empty; for the contenders' files. */
  readonly workspace: string;
  readonly say: (line: string) => void;
}

export async function measure(options: MeasureOptions): Promise<readonly Timings[]> {
  const { contenders, rounds } = options;
  const times = new Map(contenders.map((one) => [one.name, {} as Record<Scenario, number[]>]));
  for (let round = 0; round < rounds; round += 1) {
    const turned = contenders.map((_, index) => contenders[(index + round) % contenders.length]!);
    for (const contender of turned) {
      const measured = await oneRound(options, contender);
      const kept = times.get(contender.name)!;
      for (const [scenario, ms] of measured) kept[scenario] = [...(kept[scenario] ?? []), ms];
    }
    options.say(`${options.set.name}: round ${round + 1} of ${rounds}`);
  }
  return contenders.map(({ name, kind }) => ({ contender: name, kind, rounds: times.get(name)! }));
}

async function oneRound(
  options: MeasureOptions,
  contender: Contender,
): Promise<readonly (readonly [Scenario, number])[]> {
  const { set, serverUrl, template, workspace } = options;
  const database = 'bench';
  const ground: Ground = { url: withDatabase(serverUrl, database), directory: path.join(workspace, 'files') };
  await onServer(serverUrl, `drop database if exists ${database} with (force)`);
  await onServer(serverUrl, `create database ${database} template ${template}`);
  await onServer(serverUrl, 'checkpoint');
  mkdirSync(ground.directory, { recursive: true });
  try {
    contender.layOut(set, ground);
    const measured: (readonly [Scenario, number])[] = [];
    for (const scenario of SCENARIOS) {
      const command = contender.command(scenario, set, ground);
      if (!command) continue;
      measured.push([scenario, await timed(contender.name, command)]);
      if (scenario === 'fresh') await prove(ground.url, set, contender);
    }
    return measured;
  } finally {
    rmSync(ground.directory, { recursive: true, force: true });
  }
}

/** Milliseconds from start to exit. Errors: the program's own words where it did not end with 0. */
export function timed(name: string, { file, args, env, cwd }: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      const ms = performance.now() - startedAt;
      if (code === 0) resolve(ms);
      else reject(new Error(`${name} ended with ${code}: ${file} ${args.join(' ')}\n${output.slice(-2000)}`));
    });
  });
}

async function prove(url: string, { proof, name }: MigrationSet, contender: Contender): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ n: number }>(proof.sql).finally(() => client.end());
  if (rows[0]?.n !== proof.expect) {
    throw new Error(`${contender.name} did not do its work on ${name}: ${rows[0]?.n} of ${proof.expect}`);
  }
}

export async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
