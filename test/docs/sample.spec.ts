import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DynamicModule, RequestMethod, type Type } from '@nestjs/common';
import request from 'supertest';
import { AdminModule } from '../../sample-app/src/admin/admin.module.js';
import { ImportsModule } from '../../sample-app/src/imports/imports.module.js';
import { startSample, type Sample } from '../e2e/sample-app/sample.js';
import { commandsOf } from './commands.js';
import { readDocs } from './docs.js';
import { PLACES } from './places.js';

/** A request of a `curl` command. */
interface Curl {
  readonly method: string;
  /** With `$id` for the id of a job. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The field of a form with a file. */
  readonly upload?: string;
}

const ORIGIN = 'http://localhost:3000';
const CONTACTS = Buffer.from('ann@example.com,Ann\nbob@example.com,Bob');
const LONG_LIST = Buffer.from('ann@example.com,Ann\n'.repeat(200_000));

const docs = readDocs();
const curlsOf = (file: string): Curl[] =>
  commandsOf(docs.of(file))
    .map(({ words }) => words)
    .filter(([program, ...words]) => program === 'curl' && words.some((word) => /\/(admin|imports)\b/.test(word)))
    .map(readCurl);
const curls = curlsOf(PLACES.sample);

describe('the requests in the documents of the sample application', () => {
  let sample: Sample;

  beforeEach(async () => {
    sample = await startSample({ driver: 'array' }, { adminToken: 'secret' });
  });
  afterEach(async () => {
    await sample.close();
  });

  it('are one for each route of imports and operators', () => {
    const told = curls.map(({ method, path }) => `${method} ${path.split('?')[0]!}`);
    expect(told.toSorted()).toEqual([AdminModule, ImportsModule].flatMap(routesOf).toSorted());
  });

  it.each([...curls, ...curlsOf(PLACES.readme)].map((curl) => [curl.method, curl.path, curl] as const))(
    'are answered: %s %s',
    async (_method, _path, { method, path, headers, upload }) => {
      const id = path.includes('$id') ? await prepare(method, path) : '';
      const sending = request(sample.server)[method.toLowerCase() as 'get' | 'post' | 'delete'](
        path.replace('$id', id),
      );
      for (const [name, value] of headers) void sending.set(name, value);
      if (upload) void sending.attach(upload, CONTACTS, 'contacts.csv');
      const { status } = await sending;
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(300);
    },
  );

  /** Makes the job that a request is about, and returns its id. */
  async function prepare(method: string, path: string): Promise<string> {
    if (path.startsWith('/imports')) {
      const list = method === 'DELETE' ? LONG_LIST : CONTACTS;
      const { body } = await request(sample.server)
        .post('/imports')
        .attach('contacts', list, 'contacts.csv')
        .expect(202);
      return body.id as string;
    }
    const failing = { duration: 0, failures: 1, retries: 0 };
    const { body } = await request(sample.server).post('/examples').send(failing).expect(202);
    await sample.becomes(body.id as string, 'failed');
    return body.id as string;
  }
});

function readCurl(words: readonly string[]): Curl {
  const valueOf = (flag: string): string | undefined => words[words.indexOf(flag) + 1 || words.length];
  const upload = valueOf('-F')?.split('=')[0];
  const header = valueOf('-H')?.split(': ') as [string, string] | undefined;
  return {
    method: valueOf('-X') ?? (upload ? 'POST' : 'GET'),
    path: words.find((word) => word.startsWith(ORIGIN))!.slice(ORIGIN.length),
    headers: header ? [header] : [],
    ...(upload && { upload }),
  };
}

/** Returns the routes of a module, as the documents write them: `GET /admin/queues/default/jobs`. */
function routesOf(module: Type | DynamicModule): string[] {
  const controllers = Reflect.getMetadata('controllers', module) as Type[];
  return controllers.flatMap((controller) => {
    const { prototype } = controller as { prototype: Record<string, object> };
    const base = Reflect.getMetadata('path', controller) as string;
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const method = Reflect.getMetadata('method', prototype[name]!) as RequestMethod | undefined;
      if (method === undefined) return [];
      const own = Reflect.getMetadata('path', prototype[name]!) as string;
      const path = `/${base}/${own}`.replace(/\/+$/, '').replace(':queue', 'default').replace(':id', '$id');
      return [`${RequestMethod[method]} ${path}`];
    });
  });
}
