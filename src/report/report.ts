/** A run's report in the format that is asked for. Pure: the same run gives the same text, byte for byte. */
import { assertNever } from '../model/assert-never.ts';
import { htmlReport } from './html/page.ts';
import { markdownReport } from './markdown.ts';
import { type ReportInput, reportDocument } from './report-document.ts';

export type { ReportInput } from './report-document.ts';

export const REPORT_FORMATS = ['markdown', 'html', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** How a report's file ends, by its format. */
export const REPORT_EXTENSIONS: Readonly<Record<ReportFormat, string>> = { markdown: 'md', html: 'html', json: 'json' };

/**
 * The whole report, with a line break at its end. JSON holds `{ schema: 1, state, plan, events }`, the values from which the
 * other two are made.
 */
export function renderReport(input: ReportInput, format: ReportFormat): string {
  switch (format) {
    case 'markdown':
      return markdownReport(reportDocument(input));
    case 'html':
      return htmlReport(reportDocument(input));
    case 'json': {
      const { state, plan, events } = input;
      return `${JSON.stringify({ schema: 1, state, plan, events }, null, 2)}\n`;
    }
    default:
      return assertNever(format);
  }
}
