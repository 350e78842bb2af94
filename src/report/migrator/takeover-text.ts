/** What `import`, `baseline` and `repair` did, or would do, for a terminal. Without a line break at its end. */
import type {
  BaselineOutcome,
  Disagreement,
  ImportedMigration,
  ImportOutcome,
  Repair,
  RepairOutcome,
} from '../../model/takeover.ts';
import { printable } from '../printable.ts';

export function importText(outcome: ImportOutcome): string {
  const { tool, table, renamedTo, ledger, recorded, pending } = outcome;
  if (outcome.outcome === 'already-imported') return `nothing to do: ${ledger} has what was imported from ${tool}`;
  const would = outcome.outcome === 'would-import';
  const verb = would ? 'would record' : 'recorded';
  const kept = would ? 'would stay as it is' : 'stays as it is';
  const moved = would ? 'would be renamed to' : 'was renamed to';
  const first = recorded[0];
  const last = recorded.at(-1);
  return [
    `${verb} ${count(recorded.length, 'migration')} that ${tool} applied${first && last ? `: ${first === last ? nameOf(first) : `${nameOf(first)} to ${nameOf(last)}`}` : ''}`,
    ...checksumLines(tool, recorded),
    `the ledger is ${ledger}; ${table} ${renamedTo === null ? kept : `${moved} ${renamedTo}`}`,
    pendingLine(pending),
    ...(would ? ['nothing was changed'] : [`from now on, do not run ${tool} on this database`]),
  ].join('\n');
}

function checksumLines(tool: string, recorded: readonly ImportedMigration[]): string[] {
  const kept = recorded.filter(({ checksum }) => checksum !== 'not-kept');
  if (kept.length === 0)
    return recorded.length === 0 ? [] : [`${tool} keeps no checksums: the files are taken as they are`];
  const differ = kept.filter(({ checksum }) => checksum === 'differs');
  const head = `${kept.length - differ.length} of ${count(recorded.length, 'file')} proven unchanged by its checksums`;
  return [head, ...differ.map((one) => `  edited since, as was accepted: ${nameOf(one)}`)];
}

export function baselineText(outcome: BaselineOutcome): string {
  const { recorded, pending, ledger, proof } = outcome;
  const last = nameOf(recorded.at(-1)!);
  if (outcome.outcome === 'already-recorded') return `nothing to do: ${ledger} has the baseline ${last}`;
  const would = outcome.outcome === 'would-record';
  return [
    `${would ? 'would record' : 'recorded'} ${count(recorded.length, 'migration')} as applied, without running any: up to ${last}`,
    proof === 'same-schema'
      ? 'proven: the same files, run on a database of their own, gave the same schema'
      : 'not proven: whether the database has that schema was not looked at',
    `the ledger is ${ledger}`,
    pendingLine(pending),
    ...(would ? ['nothing was changed'] : []),
  ].join('\n');
}

export function repairText({ repaired, left }: RepairOutcome): string {
  const done = repaired.map(repairLine);
  if (left.length === 0) return [...done, 'files and ledger agree'].join('\n');
  return [
    ...done,
    `${done.length === 0 ? '' : 'still '}different in ${left.length === 1 ? '1 place' : `${left.length} places`}:`,
    ...left.flatMap(disagreementLines),
  ].join('\n');
}

function repairLine(one: Repair): string {
  const kept = 'what the ledger said before is in drydock.ledger_repairs';
  return one.action === 'forget'
    ? `forgot ${nameOf(one)}; ${kept}`
    : `recorded the checksums of ${nameOf(one)} as it is now; ${kept}`;
}

function disagreementLines(one: Disagreement): string[] {
  const unfinished = one.state === 'unfinished' ? ', and unfinished' : '';
  if (one.what === 'missing') return [`  ${nameOf(one)}: its files are gone${unfinished}`];
  return [`  ${nameOf(one)}: edited since it was applied${unfinished}`, ...one.paths.map((path) => `    ${path}`)];
}

function pendingLine(pending: readonly string[]): string {
  if (pending.length === 0) return 'nothing is pending';
  const names = pending.slice(0, 5).map(printable).join(', ');
  return `${pending.length} pending: ${names}${pending.length > 5 ? ' …' : ''}`;
}

/** A repeatable migration's version is its whole name. */
function nameOf({ version, name }: { readonly version: string; readonly name: string }): string {
  return printable(version.startsWith('R__') ? version : `${version}_${name}`);
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
