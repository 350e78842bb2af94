/**
 * Outlives the process that started it, for as long as it takes to end what that one had started. It is told over its
 * standard input what there is; when that closes, for whatever reason, it ends the processes, last one first, and removes
 * the folders. It kills only processes whose start time is still the registered one.
 */
import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, processTable } from './process-table.mjs';

const POSTGRES_PROGRAMS = new Set(['postgres', 'pg_ctl', 'initdb']);
const POLL_MS = 20;

const processes = [];
const folders = [];

// Its end is its owner's end, and nothing else.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) register(line);
for (const entry of processes.reverse()) await end(entry);
for (const { path } of folders) await endPostgresIn(path);
for (const { path, afterwards } of folders) if (afterwards === 'remove') remove(path);

function register(line) {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    return; // The owner died in the middle of a line.
  }
  if (message.kind === 'process') processes.push(message);
  if (message.kind === 'folder') folders.push(message);
}

async function end(entry) {
  for (const { signal, graceMs } of entry.signals) {
    if (!isRunning(entry)) return;
    send(entry.scope === 'group' ? -entry.pid : entry.pid, signal);
    await gone(entry, graceMs);
  }
}

/** A cluster may have been on its way up when the owner died: its programs are known by the folder on their command line. */
async function endPostgresIn(folder) {
  for (const signal of ['SIGQUIT', 'SIGKILL']) {
    const found = processTable.list().filter((entry) => isPostgresIn(entry, folder));
    for (const entry of found) send(entry.pid, basename(entry.args[0]) === 'postgres' ? signal : 'SIGKILL');
    for (const entry of found) await gone(entry, 1_000);
  }
}

function isPostgresIn({ args }, folder) {
  if (!POSTGRES_PROGRAMS.has(basename(args[0] ?? ''))) return false;
  return args.some((arg) => arg === folder || arg.startsWith(`${folder}/`));
}

async function gone(identity, limitMs) {
  const until = Date.now() + limitMs;
  while (isRunning(identity) && Date.now() < until) await sleep(POLL_MS);
}

function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

function remove(path) {
  if (!basename(path).startsWith('drydock-')) return;
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
