/** The report as one HTML file that needs nothing else: no script, no font, no picture, and a policy that forbids them. */
import { assertNever } from '../../model/assert-never.ts';
import type { Block, Cell, ReportDocument, Section } from '../document.ts';
import { EMPTY, html, Markup } from './markup.ts';
import { STYLE } from './style.ts';
import { timelineSvg } from './timeline-svg.ts';

/** Ends with a line break. */
export function htmlReport(document: ReportDocument): string {
  const { title, verdict, sections, footer } = document;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}: ${verdict.word}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<div class="verdict ${verdict.tone}"><strong class="${verdict.tone}">${verdict.word}</strong> ${verdict.sentence}<p>${verdict.meaning}</p></div>
${sections.map(sectionMarkup)}
<footer>${footer}</footer>
</main>
</body>
</html>
`.source;
}

function sectionMarkup({ title, blocks }: Section): Markup {
  return html`<section>
<h2>${title}</h2>
${blocks.map(blockMarkup)}</section>
`;
}

function blockMarkup(block: Block): Markup {
  switch (block.kind) {
    case 'text':
      return html`<p>${cellMarkup(block.cell)}</p>
`;
    case 'facts':
      return html`<dl>${block.rows.map(
        ([name, value]) => html`<dt>${name}</dt><dd>${cellMarkup(value)}</dd>
`,
      )}</dl>
`;
    case 'table':
      return tableMarkup(block.head, block.rows);
    case 'lines':
      return html`<ul>${block.lines.map((line) => html`<li>${line}</li>`)}</ul>
`;
    case 'timeline':
      return timelineSvg(block.stretches);
    case 'signatures':
      return html`<div class="sign">${block.roles.map((role) => html`<div><p>${role}<br><small>name, date, signature</small></p></div>`)}</div>
`;
    default:
      return assertNever(block);
  }
}

function tableMarkup(head: readonly string[], rows: readonly (readonly Cell[])[]): Markup {
  const kind = rows.some((row) => row.some((cell) => cell.bar)) ? 'steps' : 'plain';
  return html`<div class="wide"><table class="${kind}">
<thead><tr>${head.map((name) => html`<th>${name}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>${row.map((cell, column) => tableCell(cell, head[column] ?? ''))}</tr>
`,
)}</tbody>
</table></div>
`;
}

function tableCell(cell: Cell, head: string): Markup {
  if (cell.bar) return html`<td class="track">${bar(cell, cell.bar)}</td>`;
  const kind = columnKind(head);
  return kind === '' ? html`<td>${cellMarkup(cell)}</td>` : html`<td class="${kind}">${cellMarkup(cell)}</td>`;
}

function columnKind(head: string): string {
  if (head === 'Time') return 'time';
  if (head === 'Took') return 'took';
  if (head.includes('sha256')) return 'digest';
  if (head === 'Migration') return 'name';
  return head === '' ? 'status' : '';
}

function bar(cell: Cell, place: NonNullable<Cell['bar']>): Markup {
  // A bar at the very end would stand outside of its track: two pixels are its least width.
  const left = Math.min(99, place.start * 100).toFixed(2);
  const width = Math.min(100 - Number(left), place.width * 100).toFixed(2);
  return html`<div class="bar"><span class="${cell.tone}" style="left:${left}%;width:${width}%"></span></div>`;
}

function cellMarkup({ text, tone, code }: Cell): Markup {
  if (text === '') return EMPTY;
  const toned = tone === 'plain' ? '' : tone;
  if (code) return toned ? html`<code class="${toned}">${text}</code>` : html`<code>${text}</code>`;
  return toned ? html`<span class="${toned}">${text}</span>` : html`${text}`;
}
