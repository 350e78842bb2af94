/** The words for a history and files that do not fit together. */
import type { Problem } from '../../model/problem.ts';
import type { Tool } from './history.ts';

export function withoutFile(tool: Tool, labels: readonly string[]): Problem {
  return {
    code: 'history-without-file',
    message: `${tool} applied ${count(labels.length, 'migration')} of which no file is on disk`,
    found: shortList(labels),
    expected: 'the file of every migration in the history',
    next: 'use the checkout that this database was migrated with; where old files were squashed away, `baseline` instead',
    retry: 'stop',
  };
}

export function editedBefore(tool: Tool, paths: readonly string[]): Problem {
  return {
    code: 'history-checksum-mismatch',
    message: `${count(paths.length, 'file')} differ${paths.length === 1 ? 's' : ''} from what ${tool} applied, by its own checksums`,
    found: shortList(paths),
    expected: 'the files as they were when they were applied',
    next: 'restore them from version control; or, if the edits are meant, run the same command with --accept-edits',
    retry: 'stop',
  };
}

export function gapProblem(tool: Tool, late: readonly string[], last: string): Problem {
  return {
    code: 'history-with-gaps',
    message: `${tool} left out ${count(late.length, 'migration')} before ${last}, the last one it applied`,
    found: shortList(late),
    expected: 'migrations applied in the order of their numbers',
    next: [
      `let ${tool} apply what it left out, then run the same command again`,
      `or give those files numbers after ${last}: then \`migrate\` applies them`,
    ].join('\n'),
    retry: 'stop',
  };
}

/** One line each, the first twenty. */
function shortList(lines: readonly string[]): string {
  const more = lines.length > 20 ? [`and ${lines.length - 20} more`] : [];
  return [...lines.slice(0, 20), ...more].join('\n');
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
