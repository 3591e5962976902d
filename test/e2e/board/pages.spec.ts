import { describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { jobSpec, QUEUE_DRIVER, QueueAdmin, QueueSchedules, Worker, type QueueDriver } from 'nestjs-job-queue';
import { eventually } from '../../support/eventually.js';
import { held, SERVERS, startBoardApp, TaskJob, useBoardApps, type BoardApp } from './board-app.js';

const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>';

/** The text of a page as a reader sees it. */
function textOf(page: string): string {
  const text = page.replaceAll(/<(?:style|script)[\s\S]*?<\/(?:style|script)>/g, '').replaceAll(/<[^>]*>/g, ' ');
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll(/\s+/g, ' ');
}

describe.each(SERVERS)('the pages beside bull-board on %s', (server) => {
  useBoardApps();

  async function page(app: BoardApp, path: string): Promise<string> {
    const response = await app.fetch(`/queues/pages/${path}`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    return response.text();
  }

  it('find jobs by id, by text, by name, by tag and by state, in all queues', async () => {
    const app = await startBoardApp({ server });
    const a = await app.queue.push(TaskJob, { of: 'needle' }, { queue: 'one', tags: ['red'] });
    const b = await app.queue.push(TaskJob, { of: 'needle too' }, { queue: 'two' });
    const c = await app.queue.push(TaskJob, { of: 'hay', fails: true }, { queue: 'three', tags: ['red'] });
    const found = async (query: string): Promise<string[]> => {
      const text = await page(app, `search?${query}`);
      return [a, b, c].filter((id) => text.includes(`>${id}</a>`));
    };
    expect(await found('')).toEqual([]);
    expect(await found(`q=${a}`)).toEqual([a]);
    expect(await found('q=needle')).toEqual([a, b]);
    expect(await found('q=needle&queue=two')).toEqual([b]);
    expect(await found('name=TaskJob')).toEqual([a, b, c]);
    expect(await found('name=OtherJob')).toEqual([]);
    expect(await found('tag=red')).toEqual([a, c]);
    expect(await found(`tag=red&q=${b}`)).toEqual([]);
    expect(await found('state=queued&queue=one')).toEqual([a]);
    expect(await found('state=failed')).toEqual([]);
    expect(await found('q=%7Bnobody&state=wrong&queue=wrong&at=wrong')).toEqual([]);
    expect(await page(app, 'search?q=needle')).toContain(`href="queue/one/${a}"`);
  });

  it('search on from page to page, and skip no job', async () => {
    const app = await startBoardApp({ server });
    const push = (queue: string, count: number): Promise<string[]> =>
      app.queue.pushMany(
        TaskJob,
        Array.from({ length: count }, () => ({ of: 'needle' })),
        { queue },
      );
    const ids = [...(await push('a', 70)), ...(await push('b', 3)), ...(await push('c', 60))];
    const seen: string[] = [];
    for (let next: string | undefined = 'search?q=needle', pages = 0; next !== undefined; pages++) {
      expect(pages).toBeLessThan(5);
      const text = await page(app, next);
      seen.push(...[...text.matchAll(/href="queue\/\w\/(\w{20})"/g)].map(([, id]) => id!));
      next = /href="pages\/(search\?[^"]+at=[^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('show flows and their graphs', async () => {
    const app = await startBoardApp({ server });
    const job = (of: string, wish: object = {}) => jobSpec(TaskJob, { of, ...wish });
    await app.queue
      .workflow('order 4711', { id: 'w1' })
      .add('charge', job('charge'))
      .add('pack', job('pack'), { after: ['charge'] })
      .add('label', job('label', { fails: true }), { after: ['charge'] })
      .add('ship', job('ship'), { after: ['pack', 'label'] })
      .dispatch();
    const chain = await app.queue.chain([job('first'), job('second')], { name: 'nightly' });
    await app.run();
    await app.run();
    const flows = textOf(await page(app, 'flows'));
    expect(flows).toContain('w1 order 4711 workflow failed 3 of 4');
    expect(flows).toContain(`${chain.id} nightly chain completed 2 of 2`);
    const graph = await page(app, 'flow?kind=workflow&id=w1');
    expect(textOf(graph)).toContain('ship waiting, TaskJob');
    expect(textOf(graph)).toContain('label failed, TaskJob');
    expect(graph.match(/<path /g)).toHaveLength(4);
    expect(graph.match(/<rect /g)).toHaveLength(4);
    expect(textOf(await page(app, `flow?kind=chain&id=${chain.id}`))).toContain('TaskJob completed');
    for (const query of ['q=w1', 'q=4711']) expect(await page(app, `search?${query}`)).toContain('id=w1"');
    expect(textOf(await page(app, 'search?q=nobody'))).toContain(
      'Flows None. By an id every flow is found; by a name those of the newest 100 jobs of each queue',
    );
    const missing = await app.fetch('/queues/pages/flow?kind=chain&id=w1');
    expect([missing.status, textOf(await missing.text())]).toEqual([404, expect.stringContaining('There is no chain')]);
    expect((await app.fetch('/queues/pages/flow?kind=__proto__&id=%7B')).status).toBe(404);
    expect((await app.fetch('/queues/pages/constructor')).status).toBe(404);
  });

  it('show a batch by what became of its jobs', async () => {
    const app = await startBoardApp({ server });
    const member = (id: string, fails: boolean) => ({
      id,
      queue: 'mail',
      body: `hTaskJob\t{"o":"bB1"}\n${JSON.stringify({ of: id, fails })}`,
      delay: 0,
    });
    const nodes = [member('m1', true), member('m2', false), member('m3', false)];
    const batch = { ref: 'bB1', name: 'import', createdAt: Date.now(), retention: 600, nodes };
    const driver = app.app.get<QueueDriver>(QUEUE_DRIVER);
    await driver.flows.create(batch);
    await app.run();
    const text = await page(app, 'flow?kind=batch&id=B1');
    expect(textOf(text)).toContain('import: 3 jobs');
    expect(textOf(text)).toContain('2 jobs: completed');
    expect(textOf(text)).toContain('1 job: failed');
    expect(text).toContain('pages/search?q=m1');
    expect(await page(app, 'search?q=import')).toContain('kind=batch&amp;id=B1');
  });

  it('show the workers with the jobs that they have', async () => {
    const app = await startBoardApp({ server });
    expect(textOf(await page(app, 'workers'))).toContain('No worker runs.');
    const id = await app.queue.push(TaskJob, { of: 'long', hangs: true });
    const reserved = await app.queue.push(TaskJob, { of: 'by hand' }, { queue: 'hand' });
    await app.queue.pop('hand');
    app.app.get(Worker).start();
    await eventually(async () => expect(held).toHaveLength(1));
    // The last read is kept for a while.
    await eventually(async () => {
      const text = textOf(await page(app, 'workers'));
      expect(text).toMatch(new RegExp(`:${process.pid} 0\\.1\\.0 `));
      expect(text).toContain(`:${process.pid} has 1 job Job Name Queue Attempt Taken Progress ${id} TaskJob mail 1`);
      expect(text).toMatch(new RegExp(`Jobs of others .* ${reserved} TaskJob hand`));
    });
  });

  it('cancel a job, and give it any priority', async () => {
    const app = await startBoardApp({ server });
    const admin = app.app.get(QueueAdmin);
    const put = async (path: string, fields: object): Promise<[number, string]> => {
      const headers = { 'content-type': 'application/json' };
      const answer = await app.fetch(`/queues/pages/${path}`, { method: 'PUT', body: JSON.stringify(fields), headers });
      return [answer.status, await answer.text()];
    };
    const id = await app.queue.push(TaskJob, { of: 'a' }, { id: 'order/"1"', tags: [HOSTILE] });
    const query = new URLSearchParams({ id }).toString();
    expect(await page(app, 'search?q=order')).toContain(`href="pages/job?${query}"`);
    const form = await page(app, `job?${query}`);
    expect(form).not.toContain('<img');
    expect(form).toContain(`data-put="pages/cancel?${query}"`);
    expect(textOf(form)).toContain(`State queued Attempt 0 Priority 0 Tags ${HOSTILE}`);
    expect(await put(`priority?${query}`, { priority: '-7' })).toEqual([200, 'The job has that priority.']);
    expect(await admin.job(id)).toMatchObject({ priority: -7 });
    for (const priority of ['', '1001', 'high', null, 0.5]) {
      expect(await put(`priority?${query}`, { priority })).toEqual([
        400,
        expect.stringContaining('from -1000 to 1000'),
      ]);
    }
    expect(await put(`cancel?${query}`, { reason: ' no use ' })).toEqual([200, 'The job is cancelled.']);
    expect(await admin.job(id)).toMatchObject({ state: 'cancelled', error: 'no use', priority: -7 });
    expect(await page(app, `job?${query}`)).not.toContain('data-put');
    expect(await put(`cancel?${query}`, {})).toEqual([409, 'The job has ended, or is not known.']);
    expect(await put(`priority?${query}`, { priority: 1 })).toEqual([409, 'The job does not wait.']);
    const active = await app.queue.push(TaskJob, { of: 'b', hangs: true });
    app.app.get(Worker).start();
    await eventually(async () => expect(held).toHaveLength(1));
    expect(await page(app, 'workers')).toContain(`href="pages/job?id=${active}"`);
    const running = await page(app, `job?id=${active}`);
    expect([running.includes('pages/cancel'), running.includes('pages/priority')]).toEqual([true, false]);
    expect(await put(`cancel?id=${active}`, {})).toEqual([200, 'The worker that has the job is told to end it.']);
    held.at(-1)!.resolve();
    expect(await put('cancel?id=%7B', {})).toEqual([400, expect.stringContaining('id')]);
    expect(await put('search?q=a', {})).toEqual([404, 'Not found']);
    expect(await put('constructor?id=a', {})).toEqual([404, 'Not found']);
    for (const path of ['job', 'job?id=nobody', 'job?id=%7B']) {
      expect((await app.fetch(`/queues/pages/${path}`)).status).toBe(404);
    }
    expect(await app.send('POST', '/queues/pages/cancel?id=a', {})).toBe(405);
  });

  it('and bull-board change nothing on a board that is read only', async () => {
    const app = await startBoardApp({ server, board: { guards: false, readOnly: true } });
    const id = await app.queue.push(TaskJob, { of: 'a' });
    const changes = [
      ['PUT', `pages/cancel?id=${id}`],
      ['PUT', `pages/priority?id=${id}`],
      ['PUT', 'api/queues/mail/pause'],
      ['PUT', 'api/queues/pause'],
      ['PUT', `api/queues/mail/${id}/clean`],
      ['PATCH', `api/queues/mail/${id}/priority`],
      ['POST', 'api/queues/mail/add'],
    ] as const;
    for (const [method, path] of changes) {
      expect([path, await app.send(method, `/queues/${path}`, { priority: 1 })]).toEqual([path, 403]);
    }
    expect(await app.app.get(QueueAdmin).queue('mail')).toMatchObject({ paused: false, counts: { ready: 1 } });
    expect(await page(app, 'search?q=a')).not.toContain('pages/job');
    expect(await page(app, `job?id=${id}`)).not.toContain('data-put');
    const { queues } = await app.json<{ queues: object[] }>('/queues/api/queues?activeQueue=mail');
    expect(queues).toMatchObject([{ readOnlyMode: true, jobs: [{ id }] }]);
    expect(JSON.stringify(queues)).not.toContain('externalUrl');
  });

  it('show the schedules with their rules and times', async () => {
    const app = await startBoardApp({ server });
    const schedules = app.app.get(QueueSchedules);
    await schedules.set(HOSTILE, { every: '10m', job: jobSpec(TaskJob, { of: 'a' }) });
    await schedules.set('nightly', {
      cron: '0 2 * * *',
      timeZone: 'Europe/Berlin',
      job: jobSpec(TaskJob, { of: 'b' }),
    });
    await schedules.pause('nightly');
    const text = await page(app, 'schedules');
    expect(text).not.toContain('<img');
    expect(textOf(text)).toContain('nightly 0 2 * * * (Europe/Berlin) paused 0 TaskJob mail');
    expect(textOf(text)).toMatch(/every 600 s running 20\d\d-/);
    expect(textOf(await page(app, 'schedules?q=nightly'))).not.toContain('every 600 s');
  });

  it('show hostile names, data, errors, tags and searches as text', async () => {
    const app = await startBoardApp({ server, board: { guards: false, title: HOSTILE } });
    const id = `</script><b>&'"/?#%`;
    await app.queue.push(TaskJob, { of: HOSTILE, fails: true }, { id, tags: [HOSTILE] });
    await app.run();
    await app.queue.push(HOSTILE, { of: HOSTILE }, { queue: 'mail' });
    await app.queue
      .workflow(HOSTILE, { id: 'w<i>' })
      .add(HOSTILE, jobSpec(TaskJob, { of: HOSTILE }))
      .dispatch();
    const search = new URLSearchParams({ q: HOSTILE, name: HOSTILE, tag: HOSTILE, queue: HOSTILE, state: HOSTILE });
    const flow = new URLSearchParams({ kind: 'workflow', id: 'w<i>' });
    const paths = [
      `pages/search?${search.toString()}`,
      'pages/search?q=alert',
      'pages/search?queue=mail',
      'pages/flows',
      `pages/flow?${flow.toString()}`,
      `pages/flow?${new URLSearchParams({ kind: HOSTILE, id: HOSTILE }).toString()}`,
      'pages/workers',
      '',
      `queue/${encodeURIComponent(HOSTILE)}`,
    ];
    for (const path of paths) {
      const text = await app.text(`/queues/${path}`);
      expect([
        path,
        text.includes('<img'),
        text.includes('<script>'),
        text.includes('<i>'),
        text.includes('<b>'),
      ]).toEqual([path, false, false, false, false]);
    }
    const listed = await page(app, 'search?queue=mail');
    expect(textOf(listed)).toContain(HOSTILE);
    const link = /href="queue\/mail\/([^"]*script[^"]*)"/.exec(listed)![1]!.replaceAll('&#39;', "'");
    expect(decodeURIComponent(link)).toBe(id);
    const { job } = await app.json<{ job: { id: string; failedReason: string } }>(`/queues/api/queues/mail/${link}`);
    expect(job).toMatchObject({ id, failedReason: `${HOSTILE} is broken` });
    expect(await app.send('PUT', `/queues/api/queues/mail/${link}/retry`)).toBe(204);
    expect(await app.app.get(QueueAdmin).job(id)).toMatchObject({ state: 'queued' });
  });

  it('come with a policy that lets nothing in from elsewhere, unless the application has its own', async () => {
    const app = await startBoardApp({ server });
    for (const path of ['/queues', '/queues/pages/search', '/queues/api/queues', '/queues/static/images/logo.svg']) {
      const { headers } = await app.fetch(path);
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    const before = (nest: INestApplication): void => {
      const own = (_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void) => {
        response.setHeader('content-security-policy', "default-src 'self'");
        next();
      };
      if (server === 'express') nest.use(own);
    };
    const other = await startBoardApp({ server, before });
    const { headers } = await other.fetch('/queues');
    if (server === 'express') expect(headers.get('content-security-policy')).toBe("default-src 'self'");
  });
});
