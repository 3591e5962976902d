import { describe, expect, test } from '@jest/globals';
import { CommandError } from '../../../lib/cli/command-error.js';
import { parseArguments } from '../../../lib/cli/program.js';

const NO_ARGUMENTS = {
  queues: [],
  all: false,
  stopWhenEmpty: false,
  json: false,
  quiet: false,
  maxMemory: undefined,
  maxTries: undefined,
};

describe('parseArguments', () => {
  test('accepts an empty command line', () => {
    expect(parseArguments([])).toEqual(NO_ARGUMENTS);
  });

  test('reads queues and options in any order', () => {
    const args =
      'high --concurrency 20 emails --max-jobs=1000 --max-time 1h --memory 512 --stop-when-empty --timeout 1.5m ' +
      '--tries 5 --json --quiet --module dist/app.module.js#AppModule --env-file worker.env --shutdown-timeout 0';
    expect(parseArguments(args.split(' '))).toEqual({
      queues: ['high', 'emails'],
      all: false,
      concurrency: 20,
      maxJobs: 1000,
      maxTime: 3600,
      maxMemory: 512 * 1024 * 1024,
      stopWhenEmpty: true,
      timeout: 90,
      maxTries: 5,
      json: true,
      quiet: true,
      module: 'dist/app.module.js#AppModule',
      envFile: 'worker.env',
      shutdownTimeout: 0,
    });
  });

  test.each([
    ['--help', /^Usage: queue-worker \[options\] \[queue\.\.\.\]\n/],
    ['--version', /^\d+\.\d+\.\d+.*\n$/],
  ])('returns a text for %s', (option, text) => {
    expect(parseArguments([option])).toMatch(text);
  });

  test.each([
    ['--concurrency', '0', 'Expected a whole number from 1 to 10000.'],
    ['--concurrency', '10001', 'Expected a whole number from 1 to 10000.'],
    ['--concurrency', '1e3', 'Expected a whole number from 1 to 10000.'],
    ['--max-jobs', '-1', 'Expected a whole number from 1.'],
    ['--max-jobs', '9007199254740993', 'Expected a whole number from 1.'],
    ['--max-time', '0', 'more than 0.'],
    ['--max-time', 'soon', 'Expected seconds (0 to 315576000, fractions allowed) or a string such as "5m"'],
    ['--max-time', '', 'Expected seconds'],
    ['--memory', '0.5', 'Expected a whole number from 1 to 1048576.'],
    ['--timeout', '-1', 'Expected seconds'],
    ['--tries', '0', 'Expected a whole number from 1.'],
    ['--shutdown-timeout', 'Infinity', 'Expected seconds'],
    ['--module', '', 'Expected a value.'],
    ['--env-file', '', 'Expected a value.'],
  ])('refuses %s %s', (option, value, expected) => {
    const error = refusal([option, value]);
    expect(error.message).toContain(`option '${option} <`);
    expect(error.message).toContain(`argument '${value}' is invalid. `);
    expect(error.message).toContain(expected);
  });

  test.each(['', 'a:b', '-', ' ', 'a'.repeat(65), 'high,low', '{x}'])('refuses the queue name %j', (name) => {
    expect(refusal(['emails', '--', name]).message).toContain(
      `value '${name}' is invalid for argument 'queue'. Expected a queue name: 1 to 64 of A-Z a-z 0-9 _ . -`,
    );
  });

  test('refuses a queue that is named twice', () => {
    expect(refusal(['emails', 'high', 'emails']).message).toContain(
      "value 'emails' is invalid for argument 'queue'. The queue is named twice.",
    );
  });

  test('reads slots behind the names, for each queue or for none', () => {
    expect(parseArguments(['emails:10', 'images:2'])).toEqual({
      ...NO_ARGUMENTS,
      queues: ['emails', 'images'],
      pools: { emails: 10, images: 2 },
    });
    expect(refusal(['emails:10', 'images']).message).toContain('Give each queue its own slots, or none of them');
    expect(refusal(['emails:0']).message).toContain('Expected a whole number from 1 to 10000.');
    expect(refusal(['emails:1', 'emails:2']).message).toContain('The queue is named twice.');
    expect(refusal(['emails:1', '--concurrency', '5']).message).toContain('--concurrency is for queues that share');
    expect(refusal(['emails:1', '--max-jobs', '5']).message).toContain('--max-jobs is for queues that share');
  });

  test('refuses an unknown option, and names a similar one', () => {
    expect(refusal(['--max-job', '1']).message).toBe(
      "unknown option '--max-job'\n(Did you mean --max-jobs?)\nTry queue-worker --help",
    );
  });

  test.each([
    ['-concurrency', '2', 'Did you mean --concurrency?'],
    ['--concurency=2', '', 'Did you mean --concurrency?'],
    ['--shutdownTimeout', '2', 'Did you mean --shutdown-timeout?'],
    ['--al', '', 'Did you mean --all?'],
    ['--queue', 'emails', 'Name queues without an option: queue-worker emails'],
    ['--queues=emails', '', 'Name queues without an option: queue-worker emails'],
  ])('refuses %s %s, and says what to write', (option, value, hint) => {
    const { message } = refusal([option, value].filter(Boolean));
    expect(message).toContain("unknown option '-");
    expect(message).toContain(hint);
  });

  test('reads --all, and refuses it together with queues', () => {
    expect(parseArguments(['--all'])).toEqual({ ...NO_ARGUMENTS, all: true });
    expect(refusal(['high', '--all', 'emails']).message).toBe(
      '--all works every queue: name no queue beside it, got high, emails',
    );
  });

  test('refuses an option without its value', () => {
    expect(refusal(['--concurrency']).message).toContain("option '--concurrency <n>' argument missing");
  });
});

function refusal(args: readonly string[]): CommandError {
  try {
    parseArguments(args);
  } catch (error) {
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ exitCode: 2 });
    return error as CommandError;
  }
  throw new Error('parseArguments accepted the command line');
}
