/** The activity that writes a run's report where the worker keeps reports. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { renderReport } from '../report/report.ts';
import type { RunbookActivities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

const FORMATS = { markdown: 'md', html: 'html', json: 'json' } as const;

type ReportInput = Parameters<RunbookActivities['writeReport']>[0];

/** Writes `<runbook>-<target>-<start>-<run>.md`, `.html` and `.json`; the same run writes the same files again. */
export async function writeReport(deps: Dependencies, input: ReportInput): Promise<{ files: readonly string[] }> {
  const folder = resolve(deps.root, deps.reportDirectory);
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const format of ['markdown', 'html', 'json'] as const) {
    const file = join(folder, `${reportName(input)}.${FORMATS[format]}`);
    await writeFile(file, renderReport(input, format));
    files.push(shown(deps.root, file));
  }
  return { files };
}

function reportName({ ref, state }: ReportInput): string {
  const start = state.startedAt.replace(/\.\d+Z$/, 'Z').replaceAll(':', '');
  return `${ref.runbook}-${ref.target}-${start}-${ref.runId.slice(-6)}`;
}

function shown(root: string, file: string): string {
  const path = relative(root, file);
  return path.startsWith('..') ? file : path;
}
