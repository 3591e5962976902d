import { describe, expect, it } from '@jest/globals';
import { flowGraph, type DrawnNode } from '../../../lib/board/pages/flow-graph.js';
import { html, raw } from '../../../lib/board/pages/html.js';

describe('a template', () => {
  it('escapes texts, and nothing else', () => {
    const text = `<b title="x">'&\``;
    const escaped = '&lt;b title=&quot;x&quot;&gt;&#39;&amp;&#96;';
    expect(html`<i title="${text}">${text}</i>`.toString()).toBe(`<i title="${escaped}">${escaped}</i>`);
    expect(html`${[html`<i>${1}</i>`, '<']}${undefined}${false}${0}${raw('<br>')}`.toString()).toBe(
      '<i>1</i>&lt;0<br>',
    );
  });
});

describe('a graph', () => {
  const node = (title: string, ...after: number[]): DrawnNode => ({ title, detail: '', state: 'waiting', after });
  const columns = (nodes: readonly DrawnNode[]): number[] =>
    [
      ...flowGraph(nodes)
        .toString()
        .matchAll(/<rect\s+x="(\d+)"/g),
    ].map(([, x]) => Number(x) / 250);

  it('has each node one column behind the last of those in front of it', () => {
    expect(columns([node('a'), node('b', 0), node('c', 0, 1), node('d'), node('e', 2, 3)])).toEqual([0, 1, 2, 0, 3]);
    expect(columns([node('e', 1), node('d')])).toEqual([1, 0]);
  });

  it('is drawn although it has a cycle', () => {
    expect(columns([node('a', 1), node('b', 0)])).toHaveLength(2);
  });

  it('cuts long titles, and links those of jobs that were pushed', () => {
    const long = '\u{1F600}'.repeat(40);
    const text = flowGraph([{ ...node(long), href: 'queue/a/"b"' }]).toString();
    expect(text).toContain(`${'\u{1F600}'.repeat(25)}\u2026`);
    expect(text).toContain('href="queue/a/&quot;b&quot;"');
  });
});
