import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { fakeQueue, fakeQueueOptions, type FakeQueue } from 'nestjs-job-queue/testing';
import request from 'supertest';
import type { Email } from '../../../sample-app/src/emails/email.js';
import { Mailer } from '../../../sample-app/src/emails/mailer.js';
import { MerchantClient, type MerchantAnswer } from '../../../sample-app/src/orders/merchant-client.js';
import type { Order } from '../../../sample-app/src/orders/order.js';
import { startSample, type Sample } from './sample.js';

/** Merchants that answer what a test says, in the next turn of the event loop. */
class Merchants {
  readonly called: string[] = [];
  private readonly running: string[] = [];
  /** The most calls that ran at once. */
  most = 0;
  /** The most calls of one merchant that ran at once. */
  mostOfOne = 0;
  answer: (order: Order) => MerchantAnswer = () => ({ status: 204 });

  async notify(order: Order): Promise<MerchantAnswer> {
    this.called.push(`${order.merchant} ${order.total}`);
    this.running.push(order.merchant);
    this.most = Math.max(this.most, this.running.length);
    this.mostOfOne = Math.max(this.mostOfOne, this.running.filter((each) => each === order.merchant).length);
    await turn();
    this.running.splice(this.running.indexOf(order.merchant), 1);
    return this.answer(order);
  }
}

describe('the order and the limits of the sample application, in virtual time', () => {
  let sample: Sample;
  let fake: FakeQueue;
  let sent: string[];
  let merchants: Merchants;

  beforeEach(async () => {
    [sent, merchants] = [[], new Merchants()];
    const mailer: Mailer = {
      send: async ({ to, subject }: Email) => {
        sent.push(`${to} ${subject}`);
        return 'nowhere';
      },
    };
    sample = await startSample({}, {}, (builder) =>
      fakeQueueOptions(builder)
        .overrideProvider(Mailer)
        .useValue(mailer)
        .overrideProvider(MerchantClient)
        .useValue(merchants),
    );
    fake = fakeQueue(sample.app);
  });
  afterEach(async () => {
    await sample.close();
  });

  const send = async (path: string, body: object, method: 'post' | 'put' = 'post'): Promise<string> =>
    ((await request(sample.server)[method](path).send(body).expect(202)).body as { id: string }).id;

  test('serve customers in turn, and send each customer five e-mails a second', async () => {
    for (let number = 1; number <= 7; number++) {
      await send('/emails', { to: 'ann@example.com', subject: `${number}`, body: 'Hi', customer: 'acme' });
    }
    await send('/emails', { to: 'bob@example.com', subject: '1', body: 'Hi', customer: 'tiny' });

    await fake.drain();
    expect(sent).toHaveLength(6);
    expect(sent.indexOf('bob@example.com 1')).toBeLessThan(2);
    expect(sent.filter((text) => text.startsWith('ann'))).toEqual(
      [1, 2, 3, 4, 5].map((each) => `ann@example.com ${each}`),
    );

    await fake.travel(0.999);
    expect(sent).toHaveLength(6);
    await fake.travel(0.002);
    expect(sent.slice(6)).toEqual(['ann@example.com 6', 'ann@example.com 7']);
  });

  test('send password resets before other e-mails, and one a minute to an address', async () => {
    for (const subject of ['1', '2', '3']) await send('/emails', { to: 'bob@example.com', subject, body: 'Hi' });
    const id = await send('/emails/password-reset', { to: 'ann@example.com' });
    expect(await send('/emails/password-reset', { to: 'ann@example.com' })).toBe(id);

    await fake.drain();
    expect(sent).toEqual([
      'ann@example.com Your new password',
      'bob@example.com 1',
      'bob@example.com 2',
      'bob@example.com 3',
    ]);

    await fake.travel(59);
    expect(await send('/emails/password-reset', { to: 'ann@example.com' })).toBe(id);
    await fake.travel(2);
    expect(await send('/emails/password-reset', { to: 'ann@example.com' })).not.toBe(id);
  });

  test('make the index once, after the last of many changes', async () => {
    const ids = new Set<string>();
    for (const [slug, text] of [
      ['one', 'An apple'],
      ['two', 'A pear'],
      ['one', 'Two apples, one pear'],
    ] as const) {
      ids.add(await send(`/articles/${slug}`, { text }, 'put'));
      await fake.travel(1.5);
    }
    expect(ids.size).toBe(1);
    const search = async (q: string) =>
      (await request(sample.server).get('/articles').query({ q }).expect(200)).body as string[];
    expect(await search('pear')).toEqual([]);

    await fake.travel(0.6);
    expect(await sample.status([...ids][0]!)).toMatchObject({ status: 'completed', queue: 'search' });
    expect(await search('Pear')).toEqual(['one', 'two']);
    expect(await search('apple')).toEqual([]);
  });

  test('make the index at the latest ten seconds after the first change', async () => {
    const id = await send('/articles/one', { text: 'first' }, 'put');
    for (let second = 1; second <= 9; second++) {
      await fake.travel(1);
      expect(await send('/articles/one', { text: `change ${second}` }, 'put')).toBe(id);
    }
    await fake.travel(1.1);
    expect(await sample.status(id)).toMatchObject({ status: 'completed' });
  });

  test('call a merchant ten times a second, one call at a time, beside others', async () => {
    for (let total = 1; total <= 12; total++) await send('/orders', { merchant: 'acme', total });
    await send('/orders', { merchant: 'tiny', total: 1 });
    await fake.drain();
    expect(merchants.called.filter((call) => call.startsWith('acme'))).toHaveLength(10);
    expect(merchants.called).toContain('tiny 1');
    expect(merchants).toMatchObject({ most: 2, mostOfOne: 1 });

    await fake.travel(1.001);
    expect(merchants.called).toHaveLength(13);
  });

  test('let a merchant rest who answers 429, and no other one', async () => {
    merchants.answer = ({ merchant }) => (merchant === 'acme' ? { status: 429, retryAfter: 20 } : { status: 204 });
    const id = await send('/orders', { merchant: 'acme', total: 1 });
    await send('/orders', { merchant: 'acme', total: 2 });
    await send('/orders', { merchant: 'tiny', total: 3 });
    await fake.drain();
    expect(merchants.called.toSorted()).toEqual(['acme 1', 'tiny 3']);
    expect(await sample.status(id)).toMatchObject({ status: 'delayed', attempt: 0 });

    merchants.answer = () => ({ status: 204 });
    await fake.travel(19.9);
    expect(merchants.called).toHaveLength(2);
    await fake.travel(0.2);
    expect(merchants.called.slice(2).toSorted()).toEqual(['acme 1', 'acme 2']);
    expect(await sample.status(id)).toMatchObject({ status: 'completed', attempt: 1 });
  });

  test.each([
    [404, 'failed', 'acme answered 404'],
    [408, 'retrying', 'acme answered 408'],
    [503, 'retrying', 'acme answered 503'],
  ] as const)('of a merchant who answers %i a call is %s', async (status, expected, error) => {
    merchants.answer = () => ({ status });
    const id = await send('/orders', { merchant: 'acme', total: 1 });
    await fake.drain();
    expect(await sample.status(id)).toMatchObject({ status: expected, attempt: 1, error });
  });

  test.each([
    ['post', '/emails/password-reset', { to: 'nobody' }, 'to must be an email'],
    ['post', '/orders', { merchant: '../acme', total: 1 }, /^merchant must match/],
    ['post', '/orders', { merchant: 'acme', total: 1.5 }, 'total must be an integer number'],
    ['put', '/articles/..%2Fone', { text: 'x' }, /^slug must match/],
    ['put', '/articles/one', {}, /^text must be/],
  ] as const)('answer 400 to a bad %s %s %j', async (method, path, body, message) => {
    const response = await request(sample.server)[method](path).send(body).expect(400);
    const messages = [(response.body as { message: string }).message].flat();
    expect(messages.some((text) => (typeof message === 'string' ? text === message : message.test(text)))).toBe(true);
    await request(sample.server).get('/counts').expect([]);
  });
});
