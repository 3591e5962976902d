import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { EXIT } from '../../lib/cli/command-error.js';
import { parseArguments } from '../../lib/cli/program.js';
import { commandsOf, npmScript, splitWords, workerArguments } from './commands.js';
import { codeIn, readReadme, REPOSITORY, tableOf } from './readme.js';
import { source } from './sources.js';

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
}

const readme = readReadme();
const manifest = JSON.parse(readFileSync(`${REPOSITORY}package.json`, 'utf8')) as Manifest;
const help = parseArguments(['--help']) as string;
/** `-h, --help`, `--max-jobs <n>` */
const helpOptions = [...help.matchAll(/^ {2}((?:-\w, )?--[a-z-]+(?: <\S+>)?) /gm)].map((match) => match[1]!);
const longNames = new Set(helpOptions.map((option) => /--[a-z-]+/.exec(option)![0]));

describe('the commands in the README', () => {
  const commands = commandsOf(readme);

  it('are of known programs', () => {
    expect(commands.length).toBeGreaterThan(20);
    const programs = new Set(commands.map(({ words }) => words[0]!));
    expect([...programs].sort()).toEqual(['npm', 'npx', 'redis-cli', 'systemctl']);
    const npm = commands.filter(({ words }) => words[0] === 'npm' && npmScript({ variables: [], words }) === undefined);
    expect(npm.map(({ words }) => words.slice(0, 2).join(' '))).toEqual(['npm install', 'npm ci', 'npm ci']);
  });

  it('run scripts that there are', () => {
    const scripts = commands.map(npmScript).filter((script) => script !== undefined);
    expect(scripts).toEqual(expect.arrayContaining(['start', 'test', 'bench', 'check']));
    const inProse = codeIn(readme.prose).flatMap((code) => /^npm (?:run )?([a-z][\w:-]*)$/.exec(code)?.[1] ?? []);
    expect([...scripts, ...inProse].filter((script) => script !== 'run' && !(script in manifest.scripts))).toEqual([]);
  });

  it('install what an application does not have already', () => {
    const words = commands.find((command) => command.words[1] === 'install')!.words.slice(2);
    const ofNest = /^(@nestjs\/(common|core)|rxjs|reflect-metadata)$/;
    const missing = Object.keys(manifest.peerDependencies).filter((name) => !ofNest.test(name));
    expect(words).toEqual(['nestjs-job-queue', ...missing]);
  });

  it('stand beside variables that are read, by the library, its tests or the sample application', () => {
    const named = codeIn(readme.prose).flatMap((code) => /^([A-Z]+_[A-Z_]+)(?:=\w+)?$/.exec(code)?.[1] ?? []);
    const sources = [
      source('lib/options/options.resolver.ts'),
      source('lib/options/redis-options.resolver.ts'),
      source('test/support/use-redis.ts'),
      source('sample-app/src/config/app.config.ts'),
      source('test/model/describe-model.ts'),
      source('test/fuzz/fuzz.ts'),
    ].join('\n');
    const known = (name: string): boolean =>
      sources.includes(`'${name}'`) ||
      new RegExp(`const \\{[^}]*\\b${name}\\b[^}]*\\} = process.env`).test(sources) ||
      /^(ERR_|JOB_STATES$|APP_GUARD$)/.test(name);
    expect(named).toEqual(expect.arrayContaining(['REDIS_URL', 'QUEUE_WORKER', 'QUEUE_DRIVER']));
    expect(named.filter((name) => !known(name))).toEqual([]);
  });

  it('set variables that are read', () => {
    const variables = new Set(tableOf(readme, 'Options', 'option').flatMap((row) => codeIn(row.at(-1)!)));
    expect(commands.flatMap((command) => command.variables).filter((name) => !variables.has(name))).toEqual([]);
  });

  it('call queue-worker in a way that it takes, in the files of process managers too', () => {
    const inFiles = readme.blocks
      .filter(({ lang }) => lang === 'ini')
      .flatMap(({ text }) => Array.from(text.matchAll(/^(?:command|ExecStart)=(.*)$/gm)))
      .map((match) => ({ variables: [], words: splitWords(match[1]!.replaceAll('%i', 'emails')) }));
    const calls = [...commands, ...inFiles].map(workerArguments).filter((args) => args !== undefined);
    expect(calls.length).toBeGreaterThan(7);
    for (const args of calls) expect(parseArguments(args)).toMatchObject({ json: false });
  });
});

describe('the command line in the README', () => {
  it('has all options, and no others', () => {
    const told = tableOf(readme, 'Command line', 'option').map(([option]) => codeIn(option!)[0]!);
    expect([...told].sort()).toEqual([...helpOptions].sort());
  });

  it('says of each option what --help says', () => {
    const flat = help.replaceAll(/\s+/g, ' ');
    const others = tableOf(readme, 'Command line', 'option')
      .map(([option, meaning]) => `${codeIn(option!)[0]} ${meaning!.replaceAll('`', '')}`)
      .filter((line) => !flat.includes(line));
    expect(others).toEqual([]);
  });

  it('names no other option anywhere', () => {
    const named = codeIn(readme.prose).flatMap((code) => code.match(/--[a-z-]+/g) ?? []);
    expect(named.filter((option) => !longNames.has(option))).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
  });

  it('has all exit codes, and no others, each as --help tells it', () => {
    const rows = tableOf(readme, 'Command line', 'exit code');
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

  it('names the places where the module is looked for', () => {
    const places = [...help.matchAll(/dist\/\S+?\.module\.js/g)].map((match) => match[0]);
    const untold = places.filter((place) => place.includes('app.module') && !readme.prose.includes(place));
    expect(untold).toEqual([]);
  });
});

describe('what the README says is needed', () => {
  const needs = new Map(tableOf(readme, 'Install', 'needs').map(([name, version]) => [name!, version!]));

  it('is what package.json asks for', () => {
    const told = [...needs.keys()].flatMap(codeIn);
    expect(told).toEqual(expect.arrayContaining(Object.keys(manifest.peerDependencies)));
    for (const [names, version] of needs) {
      for (const name of codeIn(names)) {
        const range = manifest.peerDependencies[name];
        if (range !== undefined)
          expect({ name, numbers: numbersOf(version) }).toEqual({ name, numbers: rangeOf(range) });
      }
    }
    expect(manifest.engines.node).toBe(`>=${numbersOf(needs.get('Node.js')!)[0]}`);
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
