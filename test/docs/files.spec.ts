import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'dotenv';
import { JsonPrinter } from '../../lib/cli/json-printer.js';
import { findModule } from '../../lib/cli/module-finder.js';
import { parseArguments } from '../../lib/cli/program.js';
import { DEFAULTS } from '../../lib/queue.options.js';
import { resolveOptions } from 'nestjs-job-queue';
import { codeIn, readDocs } from './docs.js';
import { PLACES } from './places.js';
import { source } from './sources.js';
import { readYaml, type Yaml } from './simple-yaml.js';

const docs = readDocs();
interface JestConfig {
  readonly transformIgnorePatterns: readonly string[];
}

/** The seconds that a stop can take after the wait for jobs: abort handlers, store results, close connections. */
const MARGIN = 17;
const NEEDED = DEFAULTS.worker.shutdownTimeout + MARGIN;

/** Reads sections with settings, in the format of Supervisor and systemd. */
function readIni(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split('\n').filter(Boolean)) {
    const title = /^\[([\w:-]+)\]$/.exec(line)?.[1];
    const [, key, value] = /^(\w+)=(\S.*)$/.exec(line) ?? [];
    if (title !== undefined) sections.set(title, (section = new Map()));
    else if (key !== undefined && section && !section.has(key)) section.set(key, value!);
    else throw new Error(`Neither a section nor a setting, or one twice: ${line}`);
  }
  return sections;
}

describe('the documents', () => {
  const manifest = JSON.parse(source('package.json')) as {
    readonly files: readonly string[];
    readonly repository: { readonly url: string };
    readonly homepage: string;
    readonly bugs: { readonly url: string };
  };

  it('are part of the package, so that the links of the README lead to them', () => {
    expect(manifest.files).toEqual(expect.arrayContaining(['README.md', 'lib/**/*.md', 'LICENSE']));
  });

  it('are found by the addresses in package.json', () => {
    const [, address] = /^git\+(https:\/\/github\.com\/[\w-]+\/nestjs-job-queue)\.git$/.exec(manifest.repository.url)!;
    expect(manifest.homepage).toBe(`${address}#readme`);
    expect(manifest.bugs.url).toBe(`${address}/issues`);
  });
});

describe('the files in the documents', () => {
  it('are of the kinds that a test checks', () => {
    const kinds = new Set(docs.blocks.map(({ lang }) => lang));
    expect([...kinds].sort()).toEqual([
      'conf',
      'dockerfile',
      'env',
      'ini',
      'js',
      'json',
      'mermaid',
      'sh',
      'text',
      'ts',
      'ts before',
      'yaml',
    ]);
  });

  it('set the module under the key of package.json that queue-worker reads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'docs-'));
    try {
      const text = docs.block(PLACES.cli, 'Command line', 'json');
      const { queue } = JSON.parse(text) as { queue: { module: string } };
      writeFileSync(join(folder, 'package.json'), text);
      mkdirSync(join(folder, 'dist'));
      writeFileSync(join(folder, queue.module), '');
      expect(findModule(folder).path).toBe(join(folder, queue.module));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('let jest compile this package and no other, also where pnpm keeps packages', () => {
    const patterns = docs
      .of(PLACES.testing)
      .blocks.filter(({ lang, text }) => lang === 'json' && text.includes('transformIgnorePatterns'))
      .map(({ text }) => JSON.parse(text) as JestConfig & { jest?: JestConfig })
      .map((config) => (config.jest ?? config).transformIgnorePatterns.map((pattern) => new RegExp(pattern)));
    expect(patterns.map(({ length }) => length)).toEqual([1, 1]);
    const store = '/app/node_modules/.pnpm';
    for (const [pattern] of patterns) {
      expect(pattern!.test('/app/node_modules/nestjs-job-queue/dist/index.js')).toBe(false);
      expect(pattern!.test(`${store}/nestjs-job-queue@1.0.0/node_modules/nestjs-job-queue/dist/index.js`)).toBe(false);
      expect(pattern!.test('/app/node_modules/@nestjs/common/index.js')).toBe(true);
      expect(pattern!.test(`${store}/rxjs@7.8.2/node_modules/rxjs/dist/cjs/index.js`)).toBe(true);
    }
  });

  it('show a line as --json prints it', () => {
    const shown = JSON.parse(docs.block(PLACES.cli, 'Command line', 'text')) as Record<string, unknown>;
    const lines: string[] = [];
    new JsonPrinter((line) => void lines.push(line)).job({
      time: new Date(shown['time'] as string),
      queue: 'emails',
      name: 'SendEmailJob',
      id: shown['id'] as string,
      attempt: 1,
      outcome: 'completed',
      duration: 12,
      wait: 35,
    });
    expect(`${docs.block(PLACES.cli, 'Command line', 'text')}\n`).toBe(lines.join(''));
  });

  it('set every variable that the library reads, and no other', () => {
    const variables = parse(docs.block(PLACES.options, 'Environment variables', 'env'));
    const told = docs.table(PLACES.options, 'Options', 'option').flatMap((row) => codeIn(row.at(-1)!));
    expect(Object.keys(variables)).toEqual(told);
    expect(resolveOptions({}, variables)).toMatchObject({ driver: 'redis', redis: { connection: { db: 1 } } });
  });

  it('give Supervisor the settings that a worker needs', () => {
    const sections = readIni(docs.block(PLACES.cli, 'Supervisor', 'ini'));
    expect([...sections.keys()]).toEqual(['program:queue-worker']);
    const program = sections.get('program:queue-worker')!;
    expect(program.get('stopsignal')).toBe('TERM');
    expect(Number(program.get('stopwaitsecs'))).toBeGreaterThanOrEqual(NEEDED);
    // Several processes of one program need names of their own.
    expect(Number(program.get('numprocs'))).toBeGreaterThan(1);
    expect(program.get('process_name')).toContain('%(process_num)');
    expect([...program.keys()]).toEqual(
      expect.arrayContaining(['command', 'directory', 'user', 'autostart', 'autorestart', 'stdout_logfile']),
    );
  });

  it('give systemd the settings that a worker needs', () => {
    const sections = readIni(docs.block(PLACES.cli, 'systemd', 'ini'));
    expect([...sections.keys()]).toEqual(['Unit', 'Service', 'Install']);
    const service = sections.get('Service')!;
    expect(service.get('Restart')).toBe('always');
    expect(Number(service.get('TimeoutStopSec'))).toBeGreaterThanOrEqual(NEEDED);
    expect([...service.keys()]).toEqual(expect.arrayContaining(['ExecStart', 'WorkingDirectory', 'User']));
  });

  it('give Kubernetes the settings that a worker needs', () => {
    const deployment = readYaml(docs.block(PLACES.cli, 'Kubernetes', 'yaml'));
    const at = (...path: readonly (string | number)[]): Yaml | undefined =>
      path.reduce<Yaml | undefined>(
        (node, key) => (node as Record<string | number, Yaml> | undefined)?.[key],
        deployment,
      );
    expect([at('apiVersion'), at('kind')]).toEqual(['apps/v1', 'Deployment']);
    expect(at('spec', 'selector', 'matchLabels')).toEqual(at('spec', 'template', 'metadata', 'labels'));
    const pod = ['spec', 'template', 'spec'] as const;
    expect(Number(at(...pod, 'terminationGracePeriodSeconds'))).toBeGreaterThanOrEqual(NEEDED);
    const container = [...pod, 'containers', 0] as const;
    expect(at(...container, 'command')).toEqual(['node_modules/.bin/queue-worker']);
    const { maxMemory } = parseArguments(at(...container, 'args') as string[]) as { maxMemory: number };
    const limit = /^(\d+)Mi$/.exec(at(...container, 'resources', 'limits', 'memory') as string)?.[1];
    expect(maxMemory).toBeLessThan(Number(limit) * 1024 * 1024);
    const env = at(...container, 'env') as { name: string; value?: string }[];
    const told = docs.table(PLACES.options, 'Options', 'option').flatMap((row) => codeIn(row.at(-1)!));
    expect(told).toEqual(expect.arrayContaining(env.map(({ name }) => name)));
  });

  it('start containers with the process itself, which gets the signal', () => {
    const files = [docs.block(PLACES.deployment, 'Docker', 'dockerfile'), source('sample-app/Dockerfile')];
    for (const file of files) {
      const [, command] = /^CMD (\[.*\])$/m.exec(file)!;
      expect((JSON.parse(command!) as string[])[0]).toBe('node');
      expect(file).toMatch(/^USER node$/m);
    }
  });

  it('stop containers no sooner than a worker has stopped', () => {
    const [, inDocument] = /--stop-timeout (\d+)/.exec(docs.block(PLACES.deployment, 'Docker', 'sh'))!;
    const [, inSample] = /stop_grace_period: (\d+)s/.exec(source('sample-app/compose.yaml'))!;
    expect(Number(inDocument)).toBeGreaterThanOrEqual(NEEDED);
    expect(Number(inSample)).toBeGreaterThanOrEqual(NEEDED);
  });

  it('give Kubernetes probes of the paths that the worker answers, a budget of the same pods, and a list to scale by', () => {
    const [probes, budget, scaler] = docs
      .of(PLACES.deployment)
      .blocks.filter(({ lang }) => lang === 'yaml')
      .map(({ text }) => readYaml(text) as Record<string, Record<string, Record<string, Yaml>>>);
    const paths = ['livenessProbe', 'readinessProbe'].map((probe) => probes![probe]!['httpGet']!['path']);
    expect(paths).toEqual(['/live', '/ready']);
    const server = source('lib/cli/health-server.ts');
    for (const path of paths) expect(server).toContain(`'${path as string}'`);
    const deployment = docs.block(PLACES.cli, 'Kubernetes', 'yaml');
    expect(deployment).toContain(
      `app: ${(budget!['spec']!['selector']!['matchLabels'] as Record<string, string>)['app']}`,
    );
    expect(deployment).toContain(`name: ${scaler!['spec']!['scaleTargetRef']!['name'] as string}`);
    const [trigger] = scaler!['spec']!['triggers'] as unknown as { type: string; metadata: Record<string, string> }[];
    expect(trigger).toMatchObject({ type: 'redis', metadata: { listName: 'queue:emails' } });
  });

  it('alert by metrics and by values of labels that exist', () => {
    const metrics = docs.table(PLACES.prometheus, 'Metrics for Prometheus', 'metric');
    const known = metrics.flatMap(([name]) => codeIn(name!));
    const states = codeIn(metrics.find(([name]) => name!.includes('job_queue_jobs'))!.at(-1)!);
    const outcomes = [...source('lib/job/job-outcome.ts').matchAll(/kind: '(\w+)'/g)].map(([, kind]) => kind);
    const rules = docs.block(PLACES.monitoring, 'Alerts', 'yaml');
    const expressions = [...rules.matchAll(/expr: (.*)/g)].map(([, expression]) => expression!);
    expect(expressions.length).toBeGreaterThan(4);
    for (const expression of expressions) {
      const used = expression.match(/job_queue_\w+/g)!;
      expect(known).toEqual(expect.arrayContaining(used));
      for (const [, state] of expression.matchAll(/state="(\w+)"/g)) expect(states).toContain(state);
      for (const [, outcome] of expression.matchAll(/outcome="(\w+)"/g)) expect(outcomes).toContain(outcome);
    }
  });

  it('allow as much time for a stop as the text says', () => {
    const files = docs.blocks.filter(({ heading }) => ['Supervisor', 'systemd', 'Kubernetes'].includes(heading));
    const times = files.flatMap(({ text }) =>
      Array.from(text.matchAll(/(?:stopwaitsecs=|TimeoutStopSec=|GracePeriodSeconds: )(\d+)/g)),
    );
    expect(times.map((match) => match[1])).toEqual(['45', '45', '45']);
    const { prose } = docs.of(PLACES.cli);
    expect(prose.includes('give a worker 45 seconds')).toBe(true);
    expect(prose.includes(`or ${45 - DEFAULTS.worker.shutdownTimeout} more than`)).toBe(true);
    expect(docs.block(PLACES.cli, 'Deployment', 'mermaid')).toContain(`up to ${NEEDED} s: application closed`);
  });
});
