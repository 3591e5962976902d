/** A diagram, as far as the tests look into it. */
export interface Diagram {
  readonly kind: 'flowchart' | 'sequenceDiagram' | 'stateDiagram-v2';
  /** The nodes, participants or states, in the order in which they first appear. */
  readonly nodes: readonly string[];
  /** The texts at the arrows, in order. */
  readonly labels: readonly string[];
}

const TEXT = String.raw`"[^"\[\](){}]+(?:\(\))?[^"\[\](){}]*"`;
const ID = '[A-Za-z]\\w*';
const NODE = `(${ID})(?:\\[${TEXT}\\]|\\[\\(${TEXT}\\)\\])?`;
/** Words that a parser of Mermaid does not take for the name of a node. */
const RESERVED = new Set(['end', 'graph', 'subgraph', 'style', 'click', 'class', 'state', 'note', 'default']);

interface Parts {
  readonly nodes: Set<string>;
  readonly labels: string[];
}

/**
 * Reads the Mermaid of the documents: flowcharts, sequence diagrams and state diagrams, with one statement in a line. It
 * is stricter than Mermaid, so that Mermaid draws every diagram that it takes. Mermaid itself needs a browser.
 *
 * @throws at the first line that is of another kind
 */
export function readMermaid(text: string): Diagram {
  const [head = '', ...lines] = text.split('\n');
  const parts: Parts = { nodes: new Set(), labels: [] };
  if (/^flowchart (LR|TD)$/.test(head)) readFlowchart(lines, parts);
  else if (head === 'sequenceDiagram') lines.forEach((line) => readMessage(line, parts));
  else if (head === 'stateDiagram-v2') lines.forEach((line) => readTransition(line, parts));
  else throw new Error(`Not a known kind of diagram: ${head}`);
  const reserved = [...parts.nodes].find((name) => RESERVED.has(name.toLowerCase()));
  if (reserved !== undefined) throw new Error(`A reserved word names a node: ${reserved}`);
  return { kind: head.split(' ')[0] as Diagram['kind'], nodes: [...parts.nodes], labels: parts.labels };
}

function readFlowchart(lines: readonly string[], { nodes, labels }: Parts): void {
  let open = 0;
  for (const line of lines) {
    const statement = line.trim();
    const edge = new RegExp(`^${NODE} --(?: (.+?) --)?> ${NODE}$`).exec(statement);
    const node = new RegExp(`^${NODE}$`).exec(statement);
    if (new RegExp(`^subgraph ${ID}\\[${TEXT}\\]$`).test(statement)) open++;
    else if (statement === 'end') open--;
    else if (edge) {
      nodes.add(edge[1]!).add(edge[3]!);
      if (edge[2] !== undefined) labels.push(readLabel(edge[2], line));
    } else if (node) nodes.add(node[1]!);
    else throw new Error(`Not simple: ${line}`);
    if (open < 0 || open > 1) throw new Error(`A subgraph that does not end, or ends twice: ${line}`);
  }
  if (open !== 0) throw new Error('A subgraph does not end');
}

function readLabel(text: string, line: string): string {
  if (!new RegExp(`^${TEXT}$`).test(text)) throw new Error(`A label that has no quotes: ${line}`);
  return text.slice(1, -1);
}

function readMessage(line: string, { nodes, labels }: Parts): void {
  const participant = new RegExp(`^ {2}participant (${ID}) as [\\w ]+$`).exec(line);
  const message = new RegExp(`^ {2}(${ID})--?>>(${ID}): ([^;#]+)$`).exec(line);
  const note = new RegExp(`^ {2}Note over (${ID}): [^;#]+$`).exec(line);
  if (participant) nodes.add(participant[1]!);
  else if (message && nodes.has(message[1]!) && nodes.has(message[2]!)) labels.push(message[3]!);
  else if (!note || !nodes.has(note[1]!)) throw new Error(`Not simple, or not a participant: ${line}`);
}

function readTransition(line: string, { nodes, labels }: Parts): void {
  const [, from, to, label] = /^ {2}(\[\*\]|[a-z]+) --> (\[\*\]|[a-z]+): ([^:;#]+)$/.exec(line) ?? [];
  if (from === undefined) throw new Error(`Not simple: ${line}`);
  for (const state of [from, to!]) if (state !== '[*]') nodes.add(state);
  labels.push(label!);
}
