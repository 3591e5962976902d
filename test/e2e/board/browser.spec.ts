import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { jobSpec, QueueAdmin, Worker } from 'nestjs-job-queue';
import { startBrowser } from '../../support/browser.js';
import { eventually } from '../../support/eventually.js';
import { closeBoardApps, held, startBoardApp, TaskJob, type BoardApp } from './board-app.js';

const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>';
/** An installation of Chromium takes half a minute. */
const START_MS = 240_000;

/**
 * The board in a browser, as an operator uses it. Chromium is installed if it is missing, see `startBrowser`; the other tests of the board need no
 * browser.
 */
describe('the board in a browser', () => {
  let browser: Browser;
  let page: Page;
  let app: BoardApp;
  let admin: QueueAdmin;
  const ids: Record<string, string> = {};
  /** The requests of the browser, and its complaints. */
  const requests: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
    app = await startBoardApp({ server: 'fastify' });
    admin = app.app.get(QueueAdmin);
    page = await browser.newPage({ viewport: { width: 1_300, height: 900 } });
    page.setDefaultTimeout(15_000);
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    ids['failed'] = await app.queue.push(TaskJob, { of: HOSTILE, fails: true });
    ids['completed'] = await app.queue.push(TaskJob, { of: 'completed' });
    await app.queue
      .workflow(HOSTILE, { id: 'w1' })
      .add('charge', jobSpec(TaskJob, { of: 'charge' }))
      .add(HOSTILE, jobSpec(TaskJob, { of: HOSTILE }), { after: ['charge'] })
      .dispatch();
    for (let i = 0; i < 3; i++) await app.run();
    ids['delayed'] = await app.queue.later(TaskJob, { of: 'delayed' }, '1h');
    ids['active'] = await app.queue.push(TaskJob, { of: 'active', hangs: true });
    app.app.get(Worker).start();
    await eventually(async () => expect(held).toHaveLength(1));
    await app.queue.push(TaskJob, { of: 'other' }, { queue: 'other', tags: [HOSTILE] });
  }, START_MS);

  afterAll(async () => {
    await browser?.close();
    await closeBoardApps();
  });

  const open = async (path: string): Promise<void> => {
    await page.goto(`${app.origin}/queues${path}`);
  };
  const see = async (text: string | RegExp): Promise<void> => {
    await page.getByText(text).first().waitFor();
  };

  it('shows the queues', async () => {
    await open('');
    await page.getByRole('link', { name: 'mail' }).first().waitFor();
    await page.getByRole('link', { name: 'other' }).first().waitFor();
  });

  it('shows the jobs in each state', async () => {
    for (const state of ['active', 'completed', 'failed', 'delayed']) {
      await open(`/queue/mail?status=${state}`);
      await see(ids[state]!);
    }
    await open('/queue/other?status=waiting');
    await see('TaskJob');
  });

  it("shows a failed job's stack as text, and retries the job", async () => {
    await open(`/queue/mail/${ids['failed']}`);
    await see(/at TaskJob\.handle/);
    expect(await page.locator('body').innerText()).toContain(`${HOSTILE} is broken`);
    await page.locator('button:has(svg.lucide-refresh-cw)').first().click();
    await confirm();
    await eventually(async () => {
      expect(await admin.job(ids['failed']!)).toMatchObject({ failures: [expect.anything(), expect.anything()] });
    });
  });

  it('pauses a queue, and resumes it', async () => {
    await open('/queue/other');
    await chooseOfQueue('Pause');
    await eventually(async () => expect(await admin.queue('other')).toMatchObject({ paused: true }));
    await chooseOfQueue('Resume');
    await eventually(async () => expect(await admin.queue('other')).toMatchObject({ paused: false }));
  });

  it('shows the graph of a flow, and goes from a job to its flow and back', async () => {
    const [node] = (await admin.jobs('mail', 'completed', { search: 'charge' })).jobs;
    await open(`/queue/mail/${node!.id}`);
    const link = page.getByRole('link', { name: 'workflow' });
    expect(await link.getAttribute('href')).toBe('pages/flow?kind=workflow&id=w1');
    await open('/pages/flow?kind=workflow&id=w1');
    await page.locator('svg.own-graph rect').nth(1).waitFor();
    expect(await page.locator('svg.own-graph').innerHTML()).toContain('charge');
    await page.locator('svg.own-graph a').first().click();
    await see(node!.id);
  });

  it('shows the workers with their jobs, and finds jobs', async () => {
    await open('/pages/workers');
    await page.getByRole('link', { name: ids['active']! }).waitFor();
    await page.getByRole('link', { name: 'Search' }).click();
    await page.locator('input[name=q]').fill('window.hacked');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: ids['failed']! }).waitFor();
    expect(await page.locator('body').innerText()).toContain(HOSTILE);
    await page.getByRole('link', { name: ids['failed']! }).click();
    await see(ids['failed']!);
  });

  it('gives a job another priority, and cancels it', async () => {
    const id = await app.queue.later(TaskJob, { of: 'not wanted' }, '1h');
    await open(`/queue/mail/${id}`);
    expect(await page.getByRole('link', { name: 'cancel' }).getAttribute('href')).toBe(`pages/job?id=${id}`);
    await open(`/pages/job?id=${id}`);
    await page.locator('input[name=priority]').fill('-5');
    await page.getByRole('button', { name: 'Change the priority' }).click();
    await see('The job has that priority.');
    expect(await admin.job(id)).toMatchObject({ priority: -5 });
    await page.locator('input[name=reason]').fill(HOSTILE);
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await see('The job is cancelled.');
    expect(await admin.job(id)).toMatchObject({ state: 'cancelled', error: HOSTILE });
  });

  it('has the theme of bull-board on its own pages', async () => {
    await page.evaluate(`localStorage.setItem('board-settings', '{"state":{"theme":"dark"},"version":2}')`);
    await open('/pages/search');
    expect(await page.locator('body.dark-mode').count()).toBe(1);
  });

  it('has asked nobody else for anything, has run no foreign script, and has broken no rule of its policy', async () => {
    expect(requests.length).toBeGreaterThan(50);
    expect(requests.filter((url) => !url.startsWith(`${app.origin}/queues`))).toEqual([]);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  /** Chooses an entry of the menu of the open queue. */
  async function chooseOfQueue(name: string): Promise<void> {
    await page.locator('main button[aria-haspopup="menu"]').last().click();
    await page.getByRole('menuitem', { name, exact: true }).click();
    await confirm();
  }

  /** Confirms a question, if there is one. */
  async function confirm(): Promise<void> {
    const button = page.getByRole('button', { name: 'Confirm' });
    await button.click({ timeout: 3_000 }).catch(() => undefined);
  }
});
