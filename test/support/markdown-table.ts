/** A column of a table. `right` aligns it to the right, for numbers. */
export interface Column {
  readonly head: string;
  readonly right?: boolean;
}

/** Formats a Markdown table with aligned columns, so that the source can be read too. */
export function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ head }) => head), ...rows];
  const widths = columns.map((_, i) => Math.max(3, ...lines.map((cells) => cells[i]!.length)));
  const rule = columns.map(({ right }, i) => '-'.repeat(widths[i]! - 1) + (right ? ':' : '-'));
  const toLine = (cells: readonly string[]): string => {
    const aligned = cells.map((cell, i) => (columns[i]!.right ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)));
    return `| ${aligned.join(' | ')} |`;
  };
  const [head, ...body] = lines.map(toLine);
  return [head, toLine(rule), ...body].join('\n');
}
