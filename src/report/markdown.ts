/** The report in Markdown, for a ticket or a repository: GitHub's flavour, readable as it is. Everything foreign is escaped. */
import { assertNever } from '../model/assert-never.ts';
import { formatDuration } from '../model/duration.ts';
import type { Block, Cell, ReportDocument, Section } from './document.ts';
import { clockTime } from './instant.ts';
import { printable } from './printable.ts';
import type { Stretch } from './timeline.ts';
import { lengthMs } from './timeline-scale.ts';

/** Ends with a line break. */
export function markdownReport(document: ReportDocument): string {
  const { title, verdict, sections, footer } = document;
  return [
    `# ${escapeMarkdown(title)}`,
    `**${escapeMarkdown(verdict.word)}**: ${escapeMarkdown(verdict.sentence)} ${escapeMarkdown(verdict.meaning)}`,
    ...sections.map(sectionText),
    `---\n\n${escapeMarkdown(footer)}`,
  ]
    .join('\n\n')
    .concat('\n');
}

function sectionText({ title, blocks }: Section): string {
  return [`## ${escapeMarkdown(title)}`, ...blocks.map(blockText)].join('\n\n');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'text':
      return cellText(block.cell);
    case 'facts':
      return table(
        ['', ''],
        block.rows.map(([name, value]) => [`**${escapeMarkdown(name)}**`, cellText(value)]),
      );
    case 'table':
      return table(...withoutBars(block.head, block.rows));
    case 'lines':
      return block.lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n');
    case 'timeline':
      return table(['From', 'Until', 'What', 'Took'], block.stretches.map(stretchRow));
    case 'signatures':
      return table(
        ['', 'Name', 'Date', 'Signature'],
        block.roles.map((role) => [escapeMarkdown(role), '', '', '']),
      );
    default:
      return assertNever(block);
  }
}

function stretchRow(stretch: Stretch): string[] {
  const [from, until] = [stretch.startMs, stretch.endMs].map((ms) => clockTime(new Date(ms).toISOString()));
  const what = escapeMarkdown(stretch.label) + (stretch.failed ? ' (failed)' : '');
  return [from ?? '', until ?? '', what, formatDuration(lengthMs(stretch))];
}

/** A column that only has bars says nothing in text. */
function withoutBars(head: readonly string[], rows: readonly (readonly Cell[])[]): [string[], string[][]] {
  const bars = new Set(head.flatMap((_, column) => (rows.some((row) => row[column]?.bar) ? [column] : [])));
  const kept = <T>(cells: readonly T[]): T[] => cells.filter((_, column) => !bars.has(column));
  return [kept(head).map(escapeMarkdown), rows.map((row) => kept(row).map(cellText))];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cellText({ text, code }: Cell): string {
  if (text === '') return '';
  if (!code || /[`\n]/.test(text)) return escapeMarkdown(text);
  return `\`${printable(text).replaceAll('|', '\\|')}\``;
}

/** The text with everything that Markdown or HTML would act on made plain; line breaks become `<br>`. */
export function escapeMarkdown(text: string): string {
  return (
    printable(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/[\\`*[\]|~#]/g, '\\$&')
      // Within a word an underscore is only an underscore.
      .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
      .replace(/\n */g, '<br>')
  );
}
