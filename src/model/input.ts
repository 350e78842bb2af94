/** The input a workflow is started with, read from JSON that a person may have typed. */
import { parseDuration } from './duration.ts';
import {
  accept,
  firstRefusal,
  type Parsed,
  readObject,
  readOptionalText,
  readText,
  refuse,
  refuseUnknownKeys,
} from './parse.ts';
import { isWithinLimit, limitWords } from './window-limits.ts';

/** Validated input of `runRunbook`, `rollbackRunbook` and `resetRunbook`. */
export interface RunInput {
  readonly runbook: string;
  readonly target: string;
  /** Who started it, for the record. Default: `unknown`. */
  readonly requestedBy: string;
  /** The target's name once more, for a reset of a production; else empty. */
  readonly confirm: string;
  /** Overrides of the window for this run, in milliseconds; part of the plan and so of what is approved. */
  readonly window: { readonly approvalTimeoutMs?: number; readonly drainMs?: number; readonly drainTimeoutMs?: number };
}

const EXAMPLE = '{"runbook":"communication","target":"local","requestedBy":"kim"}';
const NAME = /^[a-z][a-z0-9-]*$/;
const KEYS = ['runbook', 'target', 'requestedBy', 'confirm', 'approvalTimeout', 'drain', 'drainTimeout'];

/** Reads a start input; durations are texts such as `5m`, within `WINDOW_LIMITS_MS`. The refusal holds an example that works. */
export function parseRunInput(input: unknown): Parsed<RunInput> {
  const object = readObject(input, EXAMPLE);
  if (!object.ok) return object;
  const runbook = readName(object.value, 'runbook');
  const target = readName(object.value, 'target');
  const requestedBy = readOptionalText(object.value, 'requestedBy', 'who starts the run');
  const confirm = readOptionalText(object.value, 'confirm', "the target's name");
  const window = readWindow(object.value);
  const refused = firstRefusal(refuseUnknownKeys(object.value, KEYS), runbook, target, requestedBy, confirm, window);
  if (refused) return refused;
  if (!runbook.ok || !target.ok || !requestedBy.ok || !confirm.ok || !window.ok) return refuse('unreadable');
  return accept({
    runbook: runbook.value,
    target: target.value,
    requestedBy: requestedBy.value || 'unknown',
    confirm: confirm.value,
    window: window.value,
  });
}

function readName(object: Readonly<Record<string, unknown>>, key: string): Parsed<string> {
  const text = readText(object, key, `a name, as in ${EXAMPLE}`);
  if (!text.ok || NAME.test(text.value)) return text;
  return refuse(
    `"${key}" has to be a name of small letters, digits and dashes, found ${JSON.stringify(text.value.slice(0, 60))}`,
  );
}

function readWindow(object: Readonly<Record<string, unknown>>): Parsed<RunInput['window']> {
  const window: { approvalTimeoutMs?: number; drainMs?: number; drainTimeoutMs?: number } = {};
  for (const [key, member] of [
    ['approvalTimeout', 'approvalTimeoutMs'],
    ['drain', 'drainMs'],
    ['drainTimeout', 'drainTimeoutMs'],
  ] as const) {
    const value = object[key];
    if (value === undefined || value === null) continue;
    const durationMs = typeof value === 'string' ? parseDuration(value) : undefined;
    if (durationMs === undefined)
      return refuse(`"${key}" has to be a duration such as "5m" or "30s", found ${JSON.stringify(value)}`);
    if (!isWithinLimit(key, durationMs))
      return refuse(`"${key}" has to be ${limitWords(key)}, found ${JSON.stringify(value)}`);
    window[member] = durationMs;
  }
  return accept(window);
}
