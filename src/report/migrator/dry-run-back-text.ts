/** A dry run of going back, for a terminal: SQL that could be pasted as it is, with everything else as comments. */
import type { DryRunBack, DryRunMirror } from '../../model/dry-run-back.ts';
import type { LockLimits } from '../../model/lock-limits.ts';
import { bodyLines, count, migrationText } from './dry-run-text.ts';
import { wouldLoseText } from './would-lose-text.ts';

/** Without a line break at its end. */
export function dryRunBackText(run: DryRunBack, rows: 'saved' | 'dropped unsaved'): string {
  const { reverting, again, limits, lost } = run;
  const head = [
    `-- dry run on ${run.database}: tried in a transaction that was taken back`,
    `-- ${count(run.applied, 'migration')} applied; ${reverting.length} to roll back${reverting.length > 1 ? ', in this order' : ''}${again.length > 0 ? ' and apply again' : ''}`,
  ];
  const downs = reverting.map((one, index) => mirrorText(one, `${index + 1} of ${reverting.length}`, limits));
  const ups = again.map((one) => migrationText(one, 'again', limits));
  return [head.join('\n'), ...downs, ...ups, commented(wouldLoseText(lost, rows))].join('\n\n');
}

function mirrorText(mirror: DryRunMirror, place: string, limits: LockLimits): string {
  return [
    `-- ${place}: ${mirror.path}`,
    `-- sha256 ${mirror.checksum}`,
    ...(mirror.state === 'unfinished' ? ['-- its migration stopped half way: what is there of it is cleared'] : []),
    ...bodyLines(mirror, limits),
  ].join('\n');
}

function commented(text: string): string {
  return text
    .split('\n')
    .map((line) => `-- ${line}`.trimEnd())
    .join('\n');
}
