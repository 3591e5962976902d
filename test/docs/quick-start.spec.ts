import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { useRedis } from '../support/use-redis.js';
import { redisVariables } from '../e2e/cli/command.js';
import { commandsOf, npmScript } from './commands.js';
import { codeIn, readDocs } from './docs.js';
import { PLACES } from './places.js';
import { createQuickStart, type QuickStart } from './quick-start-project.js';

const HEADING = 'Five minutes in your own application';
const BUILD_MS = 120_000;

const readme = readDocs().of(PLACES.readme);
const blocks = readme.blocks.filter(({ heading }) => heading === HEADING);
const commands = commandsOf({ blocks });
const [logLine = '', workerLine = ''] = blocks.filter(({ lang }) => lang === 'text').map(({ text }) => text);

/** The parts of a shown line that differ from run to run: process, time, id, duration, and the width of columns. */
const CHANGING = /(?<=\[Nest\] )\d+|\d+\/\d+\/\d+, [\d:]+ [AP]M|^[\d-]{10} [\d:]{8}|[\w-]{20}(?= +#)|\d+(?= ms)| {2,}/;

/** Makes a pattern of a shown line. */
function like(line: string): RegExp {
  const fixed = line.split(CHANGING).map((part) => part.replaceAll(/[.*+?^${}()|\\[\]]/g, String.raw`\$&`));
  return new RegExp(`^${fixed.join('.{1,30}')}$`, 'm');
}

// Each test starts processes of its own, which load all of Nest.
jest.setTimeout(60_000);

describe('the five minutes of the README', () => {
  it('consist of four files and the commands for them', () => {
    const files = blocks.filter(({ lang }) => lang === 'ts').map(({ text }) => text.split('\n')[0]);
    expect(files).toEqual(['// welcome.job.ts', '// welcome.controller.ts', '// app.module.ts', '// main.ts']);
    const [start, , build] = commands;
    expect([start!.variables, npmScript(start!)]).toEqual([['QUEUE_DRIVER'], 'start']);
    expect(npmScript(build!)).toBe('build');
    expect(commands.map(({ words }) => words.join(' ')).at(-1)).toBe('npx queue-worker');
  });
});

describe.each(['module', 'commonjs'] as const)('the five minutes of the README, in a project of type %s', (type) => {
  const redis = useRedis();
  const children: Child[] = [];
  let project: QuickStart;
  let port: number;

  beforeAll(async () => {
    project = await createQuickStart(readme, HEADING, type);
    port = await freePort();
  }, BUILD_MS);
  afterEach(async () => {
    for (const child of children.splice(0)) await child.stop();
  });
  afterAll(() => project.remove());

  function start(args: readonly string[], variables: NodeJS.ProcessEnv): Child {
    const env = { PATH: process.env['PATH'], NO_COLOR: '1', PORT: String(port), ...variables };
    const child = new Child(args, { cwd: project.folder, env });
    children.push(child);
    return child;
  }

  /** Sends the request of the `curl` command. */
  async function post(): Promise<void> {
    const { words } = commands.find((command) => command.words[0] === 'curl')!;
    expect(words.slice(1, 3)).toEqual(['-X', 'POST']);
    const url = words.at(-1)!.replace(':3000/', `:${port}/`);
    const response = await eventually(() => fetch(url, { method: 'POST' }), { timeout: 30_000 });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ id: expect.stringMatching(/^\w+$/) });
  }

  it('compile', () => {
    expect(project.compile()).toEqual([]);
  });

  it('run the job in memory and print the line that the README shows', async () => {
    const app = start(['dist/main.js'], { QUEUE_DRIVER: 'array' });
    await post();
    await app.prints(like(logLine));
    app.kill('SIGTERM');
    await app.exited;
    expect(app.stderr).toBe('');
  });

  it('run the job in Redis', async () => {
    const app = start(['dist/main.js'], { ...redisVariables(redis), QUEUE_DRIVER: undefined });
    await post();
    await app.prints(like(logLine));
    expect(await redis.client.smembers('queues')).toEqual(['default']);
  });

  it('run the job in a worker process and print the line that the README shows', async () => {
    const pushOnly = codeIn(readme.prose).find((code) => code.startsWith('QueueModule.forRoot('))!;
    project.replace('app.module.js', 'QueueModule.forRoot()', pushOnly);
    const app = start(['dist/main.js'], redisVariables(redis));
    await post();
    const worker = start([project.command], redisVariables(redis));
    await worker.prints(like(workerLine));
    await worker.prints(/LOG +\[WelcomeJob\] Welcome, ada@example\.org! \(attempt 1\)$/m, 'stderr');
    expect(app.stdout).not.toMatch(like(logLine));
  });
});
