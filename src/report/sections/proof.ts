/** The schema before and after, and what their equality or difference means for this outcome. */
import type { RunState } from '../../model/state.ts';
import { type Block, cell, code, paragraph, type Section, type Tone } from '../document.ts';
import type { ReportInput } from '../report-document.ts';

export function proofSection({ state }: ReportInput): Section {
  const { before, after, differences } = state.fingerprints;
  const title = 'Schema fingerprints';
  if (!before)
    return { title, blocks: [paragraph('None was taken: the run ended before anything was changed.', 'quiet')] };
  const [verdict, tone] = judged(state);
  const blocks: Block[] = [
    {
      kind: 'facts',
      rows: [
        ['Before', code(before)],
        ['After', code(after ?? 'not taken')],
        ['Equal', cell(verdict, tone)],
      ],
    },
  ];
  return { title, blocks: differences.length > 0 ? [...blocks, { kind: 'lines', lines: differences }] : blocks };
}

function judged({ fingerprints, outcome, operation }: RunState): [string, Tone] {
  const { before, after } = fingerprints;
  if (!after) return ['not compared', 'warn'];
  const equal = before === after;
  switch (outcome) {
    case 'rolled-back':
      return equal ? ['yes: everything the run did is undone', 'good'] : ['no', 'bad'];
    case 'undo-failed':
      return equal ? ['yes', 'warn'] : ['no: the schema is not as it was before', 'bad'];
    default:
      if (operation === 'reset')
        return equal ? ['yes, as it should be after a reset', 'good'] : ['no: the reset changed the schema', 'warn'];
      return equal
        ? ['yes: the run changed no schema object', 'warn']
        : ['no, as it should be: the run changed the schema', 'good'];
  }
}
