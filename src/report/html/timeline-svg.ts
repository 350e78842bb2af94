/** The timeline as a drawing: a row per stretch of the run, its bar, and how long it really took. */
import { formatDuration } from '../../model/duration.ts';
import { clockTime } from '../instant.ts';
import type { Stretch } from '../timeline.ts';
import { type DrawnStretch, drawStretches, lengthMs } from '../timeline-scale.ts';
import { EMPTY, html, type Markup } from './markup.ts';

const WIDTH = 1000;
const LEFT = 250;
const RIGHT = 90;
const ROW = 28;
const BAR = 14;

export function timelineSvg(stretches: readonly Stretch[]): Markup {
  const drawn = drawStretches(stretches);
  const height = drawn.length * ROW + 8;
  const shortened = drawn.some((one) => one.shortened);
  const label = drawn.map((one) => `${one.label} ${formatDuration(lengthMs(one))}`).join(', ');
  return html`<div class="wide"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${drawn.map(row)}</svg></div>
${shortened ? html`<p class="quiet">A bar with a gap is drawn shorter than it was; the time beside it is the real one.</p>` : EMPTY}
`;
}

function row(stretch: DrawnStretch, index: number): Markup {
  const y = index * ROW + 4;
  const room = WIDTH - LEFT - RIGHT;
  const x = LEFT + stretch.start * room;
  const width = Math.max(3, stretch.width * room);
  const middle = y + ROW / 2 + 1;
  return html`
<g><line class="grid" x1="0" x2="${WIDTH}" y1="${y + ROW - 1}" y2="${y + ROW - 1}"/>
<text class="quiet" x="0" y="${middle}">${clockTime(new Date(stretch.startMs).toISOString())}</text>
<text x="70" y="${middle}">${stretch.label}</text>
<rect class="${colour(stretch)}" x="${rounded(x)}" y="${y + (ROW - BAR) / 2 - 3}" width="${rounded(width)}" height="${BAR}" rx="3"/>
${stretch.shortened ? gap(x + width / 2, y + (ROW - BAR) / 2 - 3) : EMPTY}
<text x="${rounded(x + width + 8)}" y="${middle}">${formatDuration(lengthMs(stretch))}</text></g>`;
}

function gap(x: number, y: number): Markup {
  return html`<path class="break" d="M${rounded(x + 4)} ${y - 2} L${rounded(x - 4)} ${y + BAR + 2}"/>`;
}

function colour(stretch: Stretch): string {
  if (stretch.failed) return 'failed';
  if (stretch.kind === 'waiting') return 'waiting';
  return stretch.phase === 'window' ? 'drain' : 'work';
}

function rounded(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}
