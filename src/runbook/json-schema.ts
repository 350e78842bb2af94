/** The JSON Schemas that editors use while a runbook or `drydock.yaml` is written, made from the same zod schemas as the loader. */
import { z } from 'zod';
import { runbookSchema } from './schema.ts';
import { targetsSchema } from './target-schema.ts';

/** Generated files, relative to the root, with their text. Draft 7, which YAML language servers read. */
export function schemaFiles(): readonly { readonly file: string; readonly text: string }[] {
  return [
    { file: 'runbooks/runbook.schema.json', text: schemaText(runbookSchema, 'A Drydock runbook') },
    { file: 'runbooks/drydock.schema.json', text: schemaText(targetsSchema, 'The targets of a Drydock checkout') },
  ];
}

function schemaText(schema: z.ZodType, title: string): string {
  const generated = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title, ...generated }, null, 2)}\n`;
}
