/** Lines that may be replaced: what a terminal shows at the end of them, and what a file gets. */
import { describe, expect, it } from 'vitest';
import { lineWriter } from '../../../src/report/live-lines.ts';

function written(terminal: 'interactive' | 'plain', columns = 80) {
  let text = '';
  const lines = lineWriter(
    (more) => {
      text += more;
    },
    terminal,
    () => columns,
  );
  return { lines, text: () => text };
}

describe('lines on a terminal', () => {
  it('let what is done take the place of what was being done', () => {
    const { lines, text } = written('interactive');
    lines.passing('▶ a');
    lines.lasting('✓ a');
    lines.lasting('b');
    expect(text()).toBe('▶ a\r\u001b[2K✓ a\nb\n');
  });

  it('cut what passes to the width, because a wrapped line cannot be erased', () => {
    const { lines, text } = written('interactive', 6);
    lines.passing('▶ a long one');
    lines.end();
    expect(text()).toBe('▶ a l…\r\u001b[2K');
  });

  it('all stay where they cannot be replaced', () => {
    const { lines, text } = written('plain', 6);
    lines.passing('▶ a long one');
    lines.lasting('✓ a long one');
    lines.end();
    expect(text()).toBe('▶ a long one\n✓ a long one\n');
  });
});
