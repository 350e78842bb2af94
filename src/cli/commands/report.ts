/** `report`: a run for whoever signs it off, made from the run itself, on the screen or in a file. */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import type { TemporalLink } from '../../client/connect.ts';
import { ask, type RunRead, readRun } from '../../client/read.ts';
import type { RunEvent } from '../../model/event.ts';
import { ProblemError } from '../../model/problem.ts';
import { REPORT_EXTENSIONS, REPORT_FORMATS, type ReportFormat, renderReport } from '../../report/report.ts';
import type { ExitCode } from '../exit-codes.ts';
import { act, answer, RUN_HELP, type RunContext, wantedRun, withJson, withTemporal } from './run-context.ts';

interface ReportOptions {
  readonly format?: ReportFormat;
  readonly out?: string;
  readonly json?: boolean;
}

export function addReportCommand(program: Command, context: RunContext): void {
  const command = program
    .command('report')
    .description('The report of a run, also of one that is under way.')
    .argument('[run]', RUN_HELP)
    .addOption(
      new Option('--format <format>', 'default: by the ending of --out, else markdown').choices(REPORT_FORMATS),
    )
    .option('--out <file>', 'write it there instead of printing it');
  withJson(command).action((run: string | undefined, options: ReportOptions) =>
    act(context, { name: 'report', json: options.json }, () =>
      withTemporal<ExitCode>(context, async (link) => {
        const read = await readRun(link, await wantedRun(context, link, run));
        const { state, plan } = read;
        const events = await eventsOf(link, read);
        await deliver(context, renderReport({ state, plan, events }, formatOf(options)), options);
        return 0;
      }),
    ),
  );
}

/** None where no worker tells them: the report then says so. */
async function eventsOf(link: TemporalLink, { run, source }: RunRead): Promise<readonly RunEvent[]> {
  return source === 'worker' ? await ask<RunEvent[]>(link, run, 'events') : [];
}

function formatOf({ format, out, json }: ReportOptions): ReportFormat {
  if (format) return format;
  if (json && out === undefined) return 'json';
  const ending = extname(out ?? '').slice(1);
  return REPORT_FORMATS.find((one) => REPORT_EXTENSIONS[one] === ending) ?? 'markdown';
}

async function deliver(context: RunContext, text: string, { out, json }: ReportOptions): Promise<void> {
  if (out === undefined) return context.write(text);
  try {
    await writeFile(out, text);
  } catch (error) {
    throw notWritten(out, error);
  }
  answer(context, json, { file: out }, () => `report written: ${out}`);
}

function notWritten(out: string, cause: unknown): ProblemError {
  return new ProblemError(
    {
      code: 'report-not-written',
      message: `the report cannot be written to ${out}`,
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a file in a folder that exists and may be written to',
      next: 'name another file with --out, or leave it out to print the report',
    },
    { cause },
  );
}
