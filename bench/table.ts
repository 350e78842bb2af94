/** A run of the benchmark as Markdown: per set a table in multiples of psql, and the bars. */
import type { Bar, SetTimings } from './bars.ts';
import { SCENARIOS, type Scenario } from './contender.ts';
import { median, type Timings } from './measure.ts';

const HEADS: Readonly<Record<Scenario, string>> = {
  fresh: 'fresh',
  again: 'nothing to do',
  status: 'status',
  rollback: 'roll back one',
};

export function setTable({ set, timings }: SetTimings): string {
  const yardstick = timings.find(({ kind }) => kind === 'yardstick')!;
  const rows = timings.map(
    (one) => `| ${one.contender} | ${SCENARIOS.map((scenario) => cell(one, yardstick, scenario)).join(' | ')} |`,
  );
  return [
    `### ${set}`,
    '',
    `| | ${SCENARIOS.map((scenario) => HEADS[scenario]).join(' | ')} |`,
    `|---|${SCENARIOS.map(() => '---:').join('|')}|`,
    ...rows,
  ].join('\n');
}

/** `1.4 (83 ms)`; psql itself in milliseconds. */
function cell(one: Timings, yardstick: Timings, scenario: Scenario): string {
  const rounds = one.rounds[scenario];
  const base = yardstick.rounds[scenario];
  if (!rounds || !base) return '–';
  const ms = median(rounds);
  return one === yardstick ? `${ms.toFixed(0)} ms` : `${(ms / median(base)).toFixed(1)} (${ms.toFixed(0)} ms)`;
}

export function barsTable(all: readonly Bar[], nodeStartMs: number): string {
  const rows = all.map(
    ({ says, ratio, atMost, bare }) =>
      `| ${says} | ${atMost} | ${ratio.toFixed(2)} | ${ratio <= atMost ? 'met' : 'missed'} | ${bare?.toFixed(2) ?? '–'} |`,
  );
  return [
    `Starting Node and doing nothing: ${nodeStartMs.toFixed(0)} ms.`,
    '',
    '| ours | at most | measured | | bare pg |',
    '|---|---:|---:|---|---:|',
    ...rows,
  ].join('\n');
}
