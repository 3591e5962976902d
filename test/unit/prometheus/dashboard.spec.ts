import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { JobCounters } from '../../../lib/prometheus/job-counters.js';
import { QueueGauges } from '../../../lib/prometheus/queue-gauges.js';
import { systemClock } from '../../../lib/support/clock.js';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

describe('the dashboard', () => {
  const { panels, templating } = JSON.parse(readFileSync('lib/prometheus/dashboard.json', 'utf8')) as {
    panels: readonly Panel[];
    templating: { list: readonly { name: string; definition?: string }[] };
  };
  const registry = new Registry();
  const admin = { queues: () => Promise.resolve([]), workers: () => Promise.resolve([]) };
  const names = [...new JobCounters(registry).names, ...new QueueGauges(registry, admin, systemClock).names];
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const used = new Set(expressions.flatMap((expr) => expr.match(/job_queue_\w+/g) ?? []));

  it('asks for metrics that there are, and for each of them', () => {
    const bare = [...used].map((name) => name.replace(/_bucket$/, ''));
    expect(bare.filter((name) => !names.includes(name))).toEqual([]);
    expect(names.filter((name) => !bare.includes(name))).toEqual(['job_queue_duplicates_total']);
  });

  it('has panels of its own ids and titles, and balanced expressions', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const expr of expressions) {
      for (const [open, close] of ['()', '{}', '[]']) {
        expect(expr.split(open!).length).toBe(expr.split(close!).length);
      }
    }
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'queue']);
  });

  it('names each metric in the chapter', () => {
    const chapter = readFileSync('lib/prometheus/README.md', 'utf8');
    expect(names.filter((name) => !chapter.includes(`| \`${name}\``))).toEqual([]);
  });
});
