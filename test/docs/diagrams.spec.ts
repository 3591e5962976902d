import { describe, expect, it } from '@jest/globals';
import { JOB_STATES } from 'nestjs-job-queue';
import { DEFAULTS } from '../../lib/queue.options.js';
import { retryPause } from '../../lib/job/retry-policy.js';
import { readDocs } from './docs.js';
import { PLACES } from './places.js';
import { readMermaid } from './simple-mermaid.js';

const docs = readDocs();

describe('the diagrams in the documents', () => {
  const diagrams = docs.blocks.filter(({ lang }) => lang === 'mermaid');

  it.each(diagrams.map(({ file, heading, text }) => [file, heading, text] as const))(
    'can be drawn: %s, %s',
    (_file, _heading, text) => {
      const { nodes, labels } = readMermaid(text);
      expect(nodes.length).toBeGreaterThan(1);
      expect(new Set([...nodes, ...labels]).size).toBeGreaterThan(4);
    },
  );

  it('show the process of an application, Redis and a worker at the top of the README', () => {
    const [first] = docs.of(PLACES.readme).blocks;
    expect(first).toMatchObject({ lang: 'mermaid', heading: 'nestjs-job-queue' });
  });

  it('show every state of a job', () => {
    const { nodes } = readMermaid(docs.block(PLACES.job, 'States of a job', 'mermaid'));
    expect([...nodes].sort()).toEqual(JOB_STATES.toSorted());
  });

  it('show the pauses between attempts that the retry policy makes', () => {
    const { labels } = readMermaid(docs.block(PLACES.job, 'Attempts', 'mermaid'));
    const { retryDelay, maxRetryDelay } = DEFAULTS.jobs;
    const pauses = [1, 2, 3].map((attempt) => retryPause(attempt, retryDelay, { maxRetryDelay, retryJitter: 0 }, 0));
    expect(labels).toEqual([...pauses.map((seconds) => `${seconds} s`), 'at once']);
  });
});

describe('the reader of diagrams', () => {
  it.each([
    'pie\n  "a" : 1',
    'flowchart LR\n  a --> end',
    'flowchart LR\n  a[text] --> b',
    'flowchart LR\n  a -- word --> b',
    'flowchart LR\n  subgraph one["One"]\n  a --> b',
    'sequenceDiagram\n  participant A as One\n  A->>B: hello',
    'stateDiagram-v2\n  a --> b: one: two',
  ])('refuses a diagram that Mermaid may not draw: %j', (text) => {
    expect(() => readMermaid(text)).toThrow();
  });
});
