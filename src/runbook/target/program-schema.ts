/** A program with its arguments in `drydock.yaml`, as a list: there is no shell that would take a line apart. */
import { z } from 'zod';
import { sentence } from '../fields.ts';

const FORM = 'a list of a program and its arguments, such as [/usr/local/bin/workers, pause]; no shell reads it';

/** Processes of one target work in different folders: a path that is relative to one of them would be another elsewhere. */
export const program = z
  .array(sentence, { error: (issue) => (issue.input === undefined ? undefined : FORM) })
  .min(1, FORM)
  .refine(([first = '']) => first.startsWith('/') || !first.includes('/'), {
    path: [0],
    message: 'a program is a name that is found on PATH, or an absolute path',
  })
  .meta({ description: 'A program and its arguments; no shell. It is part of the plan: no secrets.' });
