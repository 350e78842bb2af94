/** What this project asks of itself, as ratios within one run, and whether a run met it. */
import type { Scenario } from './contender.ts';
import { BARE_PG } from './contenders/bare-pg.ts';
import { median, type Timings } from './measure.ts';

export interface SetTimings {
  readonly set: string;
  readonly timings: readonly Timings[];
}

export interface Bar {
  readonly says: string;
  /** Ours divided by what it is held against. */
  readonly ratio: number;
  readonly atMost: number;
  /** The same of a program that does the least. */
  readonly bare?: number;
}

/** `nodeStartMs`: the median time of a Node that does nothing, in the same run. */
export function bars(sets: readonly SetTimings[], nodeStartMs: number): readonly Bar[] {
  const timeOf = (set: string, contender: string, scenario: Scenario) => {
    const rounds = sets.find((one) => one.set === set)?.timings.find((one) => one.contender === contender)?.rounds[
      scenario
    ];
    return rounds ? median(rounds) : undefined;
  };
  const nodePeers = sets.find(({ set }) => set === 'nine')?.timings.filter(({ kind }) => kind === 'node peer') ?? [];
  const against = (says: string, atMost: number, ours?: number, other?: number, least?: number): Bar[] =>
    ours === undefined || other === undefined
      ? []
      : [{ says, ratio: ours / other, atMost, ...(least !== undefined && { bare: least / other }) }];
  const nine = timeOf('nine', 'drydock', 'fresh');
  const bareOf = (set: string, scenario: Scenario = 'fresh') => timeOf(set, BARE_PG, scenario);
  return [
    ...against('nine fresh, of psql', 2, nine, timeOf('nine', 'psql', 'fresh'), bareOf('nine')),
    ...nodePeers.flatMap(({ contender }) =>
      against(`nine fresh, of ${contender}`, 0.5, nine, timeOf('nine', contender, 'fresh'), bareOf('nine')),
    ),
    ...against(
      '1000 small fresh, of psql',
      1,
      timeOf('1000 small', 'drydock', 'fresh'),
      timeOf('1000 small', 'psql', 'fresh'),
      bareOf('1000 small'),
    ),
    ...against(
      'nothing to do with 1000 applied, of starting Node',
      2,
      timeOf('1000 small', 'drydock', 'again'),
      nodeStartMs,
      bareOf('1000 small', 'again'),
    ),
    ...against(
      'status with 1000 applied, of starting Node',
      2,
      timeOf('1000 small', 'drydock', 'status'),
      nodeStartMs,
      bareOf('1000 small', 'status'),
    ),
  ];
}
