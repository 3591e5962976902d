/** The content of a simple YAML document. */
export type Yaml = string | Yaml[] | { readonly [key: string]: Yaml };

interface Line {
  readonly indent: number;
  readonly text: string;
}

/**
 * Reads the YAML of the documents: maps, lists, scalars as text, quoted or not, and lists of quoted words in one line. It is stricter
 * than YAML, so that every parser takes the documents that it takes.
 *
 * @throws at the first line that is of another kind
 */
export function readYaml(text: string): Yaml {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): Line => {
      if (/\t| $|#/.test(line)) throw new Error(`Not simple: ${line}`);
      return { indent: line.search(/\S/), text: line.trim() };
    });
  const value = readBlock(lines, 0);
  if (lines.length > 0) throw new Error(`Wrongly indented: ${lines[0]!.text}`);
  return value;
}

function readBlock(lines: Line[], indent: number): Yaml {
  return lines[0]!.text.startsWith('- ') ? readList(lines, indent) : readMap(lines, indent);
}

function readList(lines: Line[], indent: number): Yaml {
  const list: Yaml[] = [];
  while (lines[0]?.indent === indent && lines[0].text.startsWith('- ')) {
    const { text } = lines.shift()!;
    lines.unshift({ indent: indent + 2, text: text.slice(2) });
    list.push(readMap(lines, indent + 2));
  }
  return list;
}

function readMap(lines: Line[], indent: number): Yaml {
  const map: Record<string, Yaml> = {};
  while (lines[0]?.indent === indent && !lines[0].text.startsWith('- ')) {
    const { text } = lines.shift()!;
    const [, key, value] = /^([A-Za-z][\w./-]*):(?: (.+))?$/.exec(text) ?? [];
    if (key === undefined || key in map) throw new Error(`No pair, or one twice: ${text}`);
    map[key] = value === undefined ? readNested(lines, indent, text) : readScalar(value);
  }
  return map;
}

function readNested(lines: Line[], indent: number, owner: string): Yaml {
  if (lines[0]?.indent !== indent + 2) throw new Error(`Nothing, or nothing at its place, below: ${owner}`);
  return readBlock(lines, indent + 2);
}

function readScalar(text: string): Yaml {
  if (/^\[('[^']*'(, )?)+\]$/.test(text)) return [...text.matchAll(/'([^']*)'/g)].map((match) => match[1]!);
  const quoted = /^'([^']*)'$/.exec(text);
  if (quoted) return quoted[1]!;
  if (/[[\]{}'"&*!|>%@`]|: |,/.test(text)) throw new Error(`Not simple: ${text}`);
  return text;
}
