/**
 * The small texts that runbook and target files are made of: durations, identifiers, paths, patterns.
 * Each refuses with a sentence that names the accepted form and an example.
 */
import { z } from 'zod';
import { parseDuration } from '../model/duration.ts';
import { isTextWithinLimit, limitWords, type WindowKey } from '../model/window-limits.ts';

const DURATION_FORM = 'a duration needs a number and a unit, such as 500ms, 5s, 5m, 4h or 1h30m';
const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

/** A duration such as `5s`, `500ms`, `4h` or `1h30m`; the unit is required. Read with `durationMs`. */
export const durationText = z
  .string({ error: (issue) => (issue.input === undefined ? undefined : DURATION_FORM) })
  .regex(DURATION, DURATION_FORM)
  .meta({ description: 'A duration with its unit: 500ms, 5s, 5m, 4h, 1h30m.' });

/** The duration of a part of the window, within its limits; `description` is a sentence, to which they are added. */
export function windowDuration(key: WindowKey, description: string) {
  return durationText
    .refine((text) => isTextWithinLimit(key, text), `has to be ${limitWords(key)}`)
    .meta({ description: `${description} It has to be ${limitWords(key)}.` });
}

/** Milliseconds of a text that `durationText` accepted. */
export function durationMs(text: string): number {
  return parseDuration(text) ?? 0;
}

export const SLUG_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;
export const SLUG_FORM = 'a name is lower-case letters, digits and dashes, and starts with a letter';

/** Names of runbooks, targets and items: they become workflow ids and file names. */
export const slug = z.string().regex(SLUG_PATTERN, SLUG_FORM);

/** A PostgreSQL schema name that needs no quoting. */
export const schemaName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a schema name is lower-case letters, digits and underscores');

export const sentence = z.string().min(1, 'this text is empty');

/** A path below the root of the checkout, written with forward slashes. Whether it exists is looked at afterwards. */
export const pathInside = z.string().min(1, 'this path is empty');

export const sqlText = z.string().min(1, 'this statement is empty');

/** What `${name}` may be called, in `placeholders:` and with `--set`. */
export const PLACEHOLDER_NAME = /^[^=\s{}]+$/;
export const PLACEHOLDER_FORM = 'a placeholder has a name without spaces, braces and "="';

const PLACEHOLDER_TEXT = 'a value is a text: put it in quotes';

/** Lines have to stay what they are, because errors name them. Names are checked beside zod, as those of targets are. */
export const placeholderValues = z
  .record(
    z.string(),
    z
      .string({ error: (issue) => (issue.input === undefined ? undefined : PLACEHOLDER_TEXT) })
      .regex(/^[^\r\n]*$/, 'a value is one line'),
  )
  .meta({ propertyNames: { pattern: PLACEHOLDER_NAME.source } });

export const regexText = z
  .string()
  .min(1, 'this pattern is empty')
  .refine(isRegex, { error: (issue) => `not a regular expression: ${regexFault(String(issue.input))}` })
  .meta({ format: 'regex' });

function isRegex(text: string): boolean {
  return regexFault(text) === undefined;
}

function regexFault(text: string): string | undefined {
  try {
    new RegExp(text, 'i');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
  }
}
