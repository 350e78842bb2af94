/**
 * Reads the operating system's process table: who runs, since when, started by whom. A process is named by its number
 * and its start time together, so that a number given to another process later is never mistaken for it.
 * Plain JavaScript, because the reaper runs it without a compile step.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Linux: files under /proc. Start times are clock ticks since boot. */
export const procTable = {
  read: readFromProc,
  list() {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFromProc(Number(name)))
      .filter((entry) => entry !== undefined);
  },
};

/** Elsewhere: the `ps` program. Start times are dates to the second. */
export const psTable = {
  read(pid) {
    return readFromPs(['-p', String(pid)])[0];
  },
  list() {
    return readFromPs(['-A']);
  },
};

export const processTable = existsSync('/proc/self/stat') ? procTable : psTable;

/** True while the very process that was registered runs. A zombie does not. */
export function isRunning({ pid, startedAt }, table = processTable) {
  return table.read(pid)?.startedAt === startedAt;
}

function readFromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses itself: the fields begin after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    return { pid, parentPid: Number(fields[1]), startedAt: fields[19], args };
  } catch {
    return undefined;
  }
}

function readFromPs(selection) {
  const { stdout } = spawnSync('ps', [...selection, '-ww', '-o', 'pid=,ppid=,stat=,lstart=,args='], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
  });
  return (stdout ?? '')
    .split('\n')
    .filter((line) => line.trim())
    .map(parsePsLine)
    .filter((entry) => entry !== undefined);
}

function parsePsLine(line) {
  const [pid, parentPid, state, ...rest] = line.trim().split(/\s+/);
  if (!state || state.startsWith('Z')) return undefined;
  return {
    pid: Number(pid),
    parentPid: Number(parentPid),
    startedAt: rest.slice(0, 5).join(' '),
    args: rest.slice(5),
  };
}
