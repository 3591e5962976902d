import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { EXIT } from '../../lib/cli/command-error.js';
import { parseArguments } from '../../lib/cli/program.js';
import { queueProgram } from '../../lib/cli/queue/queue-program.js';
import { commandsOf, npmScript, queueArguments, splitWords, workerArguments } from './commands.js';
import { codeIn, readDocs, REPOSITORY } from './docs.js';
import { PLACES } from './places.js';
import { source } from './sources.js';

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly engines: { readonly node: string };
}

const docs = readDocs();
const manifest = JSON.parse(readFileSync(`${REPOSITORY}package.json`, 'utf8')) as Manifest;
/** The packages that every application needs. */
const requiredPeers = Object.keys(manifest.peerDependencies).filter(
  (name) => !manifest.peerDependenciesMeta[name]?.optional,
);
const help = parseArguments(['--help']) as string;
/** `-h, --help`, `--max-jobs <n>` */
const helpOptions = [...help.matchAll(/^ {2}((?:-\w, )?--[a-z-]+(?: <\S+>)?) /gm)].map((match) => match[1]!);
/** The options of the commands that measure and test the library. */
const toolOptions = ['test/bench/arguments.ts', 'test/chaos/main.ts', 'test/soak/main.ts'].flatMap(
  (path) => source(path).match(/(?<=^ {2})--[a-z-]+/gm) ?? [],
);
/** The command `queue`; it does nothing, and counts how often it would. */
let queueRuns = 0;
const countRun = (): Promise<void> => {
  queueRuns++;
  return Promise.resolve();
};
const readQueue = () =>
  queueProgram(Object.assign(countRun, { inApplication: countRun }), {
    write: () => undefined,
    writeError: (text) => {
      throw new Error(text);
    },
    readInput: () => Promise.resolve(''),
  });
const queueOptions = [readQueue(), ...readQueue().commands].flatMap(({ options }) => options.map(({ long }) => long!));
const knownOptions = new Set([
  ...helpOptions.map((option) => /--[a-z-]+/.exec(option)![0]),
  ...toolOptions,
  ...queueOptions,
]);

describe('the commands in the documents', () => {
  const commands = commandsOf(docs);

  it('start known programs', () => {
    expect(commands.length).toBeGreaterThan(20);
    const programs = new Set(commands.map(({ words }) => words[0]!));
    expect([...programs].sort()).toEqual(['curl', 'docker', 'npm', 'npx', 'redis-cli', 'systemctl']);
    const npm = commands.filter(({ words }) => words[0] === 'npm' && npmScript({ variables: [], words }) === undefined);
    expect(new Set(npm.map(({ words }) => words[1]))).toEqual(new Set(['install', 'ci']));
  });

  it('run scripts that package.json has', () => {
    const scripts = commands.map(npmScript).filter((script) => script !== undefined);
    expect(scripts).toEqual(expect.arrayContaining(['start', 'test', 'bench', 'check']));
    const inProse = codeIn(docs.prose).flatMap((code) => /^npm (?:run )?([a-z][\w:-]*)$/.exec(code)?.[1] ?? []);
    expect([...scripts, ...inProse].filter((script) => script !== 'run' && !(script in manifest.scripts))).toEqual([]);
  });

  it('install the packages that an application does not have already', () => {
    const words = commands.find((command) => command.words[1] === 'install')!.words.slice(2);
    const ofNest = /^(@nestjs\/(common|core)|rxjs|reflect-metadata)$/;
    const missing = requiredPeers.filter((name) => !ofNest.test(name));
    expect(words).toEqual(['nestjs-job-queue', ...missing]);
  });

  it('stand beside variables that the library, its tests or the sample application reads', () => {
    const named = codeIn(docs.prose).flatMap((code) => /^([A-Z]+_[A-Z_]+)(?:=\w+)?$/.exec(code)?.[1] ?? []);
    const sources = [
      source('lib/options/options.resolver.ts'),
      source('lib/options/redis-options.resolver.ts'),
      source('test/support/use-redis.ts'),
      source('lib/board/queue-board.module.ts'),
      source('sample-app/src/config/app.config.ts'),
      source('test/model/describe-model.ts'),
      source('test/fuzz/fuzz.ts'),
    ].join('\n');
    const known = (name: string): boolean =>
      sources.includes(`'${name}'`) ||
      new RegExp(`const \\{[^}]*\\b${name}\\b[^}]*\\} = process.env`).test(sources) ||
      /^(ERR_|(JOB|LISTED)_STATES$|APP_(GUARD|PIPE|INTERCEPTOR|FILTER)$|\w+_OPTIONS$)/.test(name);
    expect(named).toEqual(expect.arrayContaining(['REDIS_URL', 'QUEUE_WORKER', 'QUEUE_DRIVER']));
    expect(named.filter((name) => !known(name))).toEqual([]);
  });

  it('set variables that the library or the sample application reads', () => {
    const variables = new Set(docs.table(PLACES.options, 'Options', 'option').flatMap((row) => codeIn(row.at(-1)!)));
    for (const [, name] of source('sample-app/src/config/app.config.ts').matchAll(/env\['(\w+)'\]/g))
      variables.add(name!);
    expect(commands.flatMap((command) => command.variables).filter((name) => !variables.has(name))).toEqual([]);
  });

  it('call queue-worker with arguments that it accepts, also in the files of process managers', () => {
    const inFiles = docs.blocks
      .filter(({ lang }) => lang === 'ini')
      .flatMap(({ text }) => Array.from(text.matchAll(/^(?:command|ExecStart)=(.*)$/gm)))
      .map((match) => ({ variables: [], words: splitWords(match[1]!.replaceAll('%i', 'emails')) }));
    const calls = [...commands, ...inFiles].map(workerArguments).filter((args) => args !== undefined);
    expect(calls.length).toBeGreaterThan(7);
    for (const args of calls) expect(parseArguments(args)).toMatchObject({ json: false });
  });
});

describe('the documents of the command queue', () => {
  it('call it with arguments that it accepts', async () => {
    const calls = commandsOf(docs)
      .map(queueArguments)
      .filter((args) => args !== undefined);
    expect(calls.length).toBeGreaterThan(5);
    queueRuns = 0;
    for (const args of calls) await readQueue().parseAsync(args, { from: 'user' });
    expect(queueRuns).toBe(calls.length);
  });

  it('have all commands with all of their options, and no others', () => {
    const told = docs
      .table(PLACES.queueCommand, 'queue', 'command')
      .map(([command, meaning]) => [/^\S+/.exec(codeIn(command!)[0]!)![0], optionsIn(meaning!)]);
    const commands = readQueue().commands.map((command) => [command.name(), command.options.map(({ long }) => long)]);
    expect(told).toEqual(commands);
    const shared = docs.table(PLACES.queueCommand, 'queue', 'option').map(([option]) => optionsIn(option!)[0]!);
    const known = new Set(readQueue().options.map(({ long }) => long));
    expect(new Set(['--version', ...shared])).toEqual(known);
  });

  function optionsIn(text: string): string[] {
    return codeIn(text).flatMap((code) => /^--[a-z-]+/.exec(code)?.[0] ?? []);
  }
});

describe('the documents of the command line', () => {
  it('have all options, and no others', () => {
    const told = docs.table(PLACES.cli, 'Command line', 'option').map(([option]) => codeIn(option!)[0]!);
    expect([...told].sort()).toEqual([...helpOptions].sort());
  });

  it('describe each option as --help does', () => {
    const flat = help.replaceAll(/\s+/g, ' ');
    const others = docs
      .table(PLACES.cli, 'Command line', 'option')
      .map(([option, meaning]) => `${codeIn(option!)[0]} ${meaning!.replaceAll('`', '')}`)
      .filter((line) => !flat.includes(line));
    expect(others).toEqual([]);
  });

  it('name no other option anywhere', () => {
    const named = codeIn(docs.prose).flatMap((code) => code.match(/--[a-z-]+/g) ?? []);
    expect(named.filter((option) => !knownOptions.has(option))).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
  });

  it('have the exit codes of --help, and no others', () => {
    const rows = docs.table(PLACES.cli, 'Command line', 'exit code');
    const codes = Object.values(EXIT).map(String).sort();
    expect(rows.map(([code]) => codeIn(code!)[0])).toEqual(codes);
    const told = [
      ...help
        .split('Exit codes:')[1]!
        .split('\n\n')[0]!
        .matchAll(/^ +(\d+) +\S/gm),
    ];
    expect(told.map((match) => match[1])).toEqual(codes);
  });

  it('name the places where queue-worker looks for the module', () => {
    const places = [...help.matchAll(/dist\/\S+?\.module\.js/g)].map((match) => match[0]);
    const untold = places.filter((place) => place.includes('app.module') && !docs.of(PLACES.cli).prose.includes(place));
    expect(untold).toEqual([]);
  });
});

describe('the requirements in the README', () => {
  const needs = new Map(docs.table(PLACES.readme, 'Install', 'needs').map(([name, version]) => [name!, version!]));

  it('are those of package.json', () => {
    const told = [...needs.keys()].flatMap(codeIn);
    expect(told).toEqual(expect.arrayContaining(requiredPeers));
    for (const [names, version] of needs) {
      for (const name of codeIn(names)) {
        const range = manifest.peerDependencies[name];
        if (range !== undefined)
          expect({ name, numbers: numbersOf(version) }).toEqual({ name, numbers: rangeOf(range) });
      }
    }
    expect(codeIn(needs.get('Node.js')!)).toEqual([manifest.engines.node]);
  });

  /** `5 (from 5.4) or 6` -> `5.4`, `6` */
  function numbersOf(text: string): string[] {
    return text.replaceAll(/[\d.]+ \(from ([\d.]+)\)/g, '$1').match(/\d+(\.\d+)*/g) ?? [];
  }

  /** `^5.4.0 || ^6.0.0` -> `5.4`, `6` */
  function rangeOf(range: string): string[] {
    return range.split('||').map((part) =>
      part
        .trim()
        .replace('^', '')
        .replace(/(\.0)+$/, ''),
    );
  }
});
