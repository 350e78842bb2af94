/** Writes the generated JSON Schemas into `runbooks/`: `node --import tsx src/runbook/write-schemas.ts`. */
import { writeFile } from 'node:fs/promises';
import { schemaFiles } from './json-schema.ts';

const root = new URL('../../', import.meta.url);
for (const { file, text } of schemaFiles()) await writeFile(new URL(file, root), text);
