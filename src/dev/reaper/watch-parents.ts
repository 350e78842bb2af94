/**
 * Notices that the command which started this process is gone. `npx pnpm demo` is a chain of processes, and killing its
 * head leaves the rest running: so every link is watched, up to the first that is not itself a launcher.
 */
import { basename } from 'node:path';
import { isRunning, type ProcessEntry, type ProcessTable, processTable } from './process-table.mjs';

const LAUNCHERS = new Set(['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'corepack', 'tsx']);
const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'ash', 'busybox']);

export interface ParentWatchOptions {
  /** Called once, with the first ancestor found gone. */
  readonly onLost: (lost: ProcessEntry) => void;
  /** Between two looks. Default 500. */
  readonly intervalMs?: number;
  readonly table?: ProcessTable;
}

/** Watches the ancestors of this process until `stop`. Does not keep the process alive. */
export function watchParents({ onLost, intervalMs = 500, table = processTable }: ParentWatchOptions): {
  readonly stop: () => void;
} {
  const chain = parentChain(process.ppid, table);
  const timer = setInterval(() => {
    const lost = chain.find((entry) => !isRunning(entry, table));
    if (!lost) return;
    clearInterval(timer);
    onLost(lost);
  }, intervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** The ancestors from `pid` up to and including the first that is no launcher; process 1 is never one of them. */
export function parentChain(pid: number, table: ProcessTable = processTable): ProcessEntry[] {
  const entry = pid > 1 ? table.read(pid) : undefined;
  if (!entry) return [];
  return isLauncher(entry.args) ? [entry, ...parentChain(entry.parentPid, table)] : [entry];
}

/** True for npm, npx, pnpm, corepack and the like, run directly or by node, and for the `sh -c` between them. */
export function isLauncher(args: readonly string[]): boolean {
  // npm writes its title over its arguments: `npm exec pnpm demo` is then one single argument.
  const words = args.flatMap((arg, index) => (index === 0 ? arg.split(' ') : [arg]));
  const program = programName(words[0]);
  if (LAUNCHERS.has(program)) return true;
  if (SHELLS.has(program)) return words[1]?.startsWith('-') === true && words[1].includes('c');
  if (program !== 'node') return false;
  const script = words.slice(1).find((word) => !word.startsWith('-'));
  return LAUNCHERS.has(programName(script));
}

function programName(path: string | undefined): string {
  return basename(path ?? '')
    .replace(/^-/, '')
    .replace(/(-cli)?\.[cm]?js$/, '');
}
