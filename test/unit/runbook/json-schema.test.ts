import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { schemaFiles } from '../../../src/runbook/json-schema.ts';

it.each(schemaFiles())('$file is what the zod schema generates', async ({ file, text }) => {
  const onDisk = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
  expect(onDisk, 'regenerate with: node --import tsx src/runbook/write-schemas.ts').toBe(text);
});
