import { beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { ExampleProgram, type Finding } from './example-program.js';
import { EXAMPLES } from './examples.js';

/** A usual mistake, and what the compiler says about it. */
const MISTAKES: readonly [mistake: string, message: RegExp][] = [
  ['queue.push(SendEmailJob)', /^Expected 2-3 arguments, but got 1/],
  ['queue.push(SendEmailJob, {})', /^Argument of type '\{\}' is not assignable to parameter of type 'Email'/],
  ["queue.push(NoDataJob, { any: 'thing' })", /is not assignable to parameter of type 'undefined'/],
  [
    "queue.push(CarrierJob, { path: 'a' })",
    /this class carries its data: push an instance of it|PushAnInstanceOfThisClass/,
  ],
  ["queue.push(PlainCarrierJob, { path: 'a' })", /is not assignable to parameter of type 'undefined'/],
  ["queue.push(SendEmailJob, { to: 'ada' }, { dealy: 5 })", /'dealy' does not exist in type 'PushOptions'/],
  [
    "queue.push(SendEmailJob, { to: 'ada' }, { delay: '5mn' })",
    /"5mn"' is not assignable to type 'Date \| Duration|Type '"5mn"' is not assignable to type/,
  ],
  ["queue.later(SendEmailJob, '5m')", /^Expected 3-4 arguments, but got 2/],
  ["queue.later(SendEmailJob, { to: 'ada' })", /^Expected 3-4 arguments, but got 2/],
  ["queue.later(NoDataJob, '5mn')", /"5mn"' is not assignable to /],
  ["queue.later(new CarrierJob('a'))", /^Expected 2-3 arguments, but got 1/],
  ['queue.pushMany(SendEmailJob)', /^Expected 2-3 arguments, but got 1/],
  [
    "queue.pushMany(SendEmailJob, { to: 'ada' })",
    /is not assignable to parameter of type 'readonly Email\[\]'|'readonly Email\[\]'/,
  ],
  [
    "queue.pushMany(CarrierJob, [{ path: 'a' }])",
    /this class carries its data: push an instance of it|PushAnInstanceOfThisClass/,
  ],
];

const PRELUDE = `import type { JobContext, QueueManager } from 'nestjs-job-queue';
interface Email { to: string }
declare const queue: QueueManager;
declare class SendEmailJob { handle(email: Email, job: JobContext): void }
declare class NoDataJob { handle(): void }
declare class CarrierJob { constructor(path: string); handle(job: JobContext): void }
declare class PlainCarrierJob { constructor(path: string); handle(): void }
`;

const findings = new Map<string, Finding>();

beforeAll(() => {
  const files = MISTAKES.map(([mistake], index) => ({
    name: `mistake-${index}.ts`,
    text: `${PRELUDE}void ${mistake};\n`,
  }));
  for (const finding of new ExampleProgram(files).diagnose()) {
    const index = files.findIndex(({ name }) => finding.place.startsWith(join(EXAMPLES, name)));
    findings.set(MISTAKES[index]?.[0] ?? finding.place, finding);
  }
}, 120_000);

test.each(MISTAKES)('the compiler names the mistake in %s', (mistake, message) => {
  expect(findings.get(mistake)?.message).toMatch(message);
  expect(findings.get(mistake)?.message).not.toContain("Property 'handle' is missing");
});
