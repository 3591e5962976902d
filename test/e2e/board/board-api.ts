import { expect } from '@jest/globals';
import { appRoutes, buildHistoryRoutes } from '@bull-board/api/dist/routes.js';
import { validateResponse } from '@bull-board/api/dist/validation.js';
import type { AppJob, AppQueue } from '@bull-board/api/typings/app';
import { findRoute, routesOf } from '../../../lib/board/routes.js';
import type { BoardApp } from './board-app.js';

const HISTORY = buildHistoryRoutes({ getHistory: async () => [], getLatency: async () => [] }, {
  hasLatency: true,
} as never);
const ROUTES = [...appRoutes.api, ...HISTORY].flatMap((route) => routesOf(route.method, route.route, route));

/** The interface of a board, as its pages use it. Each answer is checked against the schema of bull-board. */
export class BoardApi {
  constructor(
    private readonly app: BoardApp,
    private readonly base = '/queues',
  ) {}

  async get<T>(path: string): Promise<T> {
    return (await this.call('GET', path)) as T;
  }

  async put(path: string, body?: unknown): Promise<unknown> {
    return this.call('PUT', path, body);
  }

  async patch(path: string, body: unknown): Promise<unknown> {
    return this.call('PATCH', path, body);
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return (await this.call('POST', path, body)) as T;
  }

  /** All queues; with the jobs of one of them. */
  async queues(activeQueue = '', status = 'latest', page = 1): Promise<AppQueue[]> {
    const query = new URLSearchParams({ activeQueue, status, page: String(page), jobsPerPage: '10' });
    return (await this.get<{ queues: AppQueue[] }>(`/api/queues?${query.toString()}`)).queues;
  }

  /** The jobs of a status. */
  async listed(status: string, page?: number): Promise<string[]> {
    const mail = (await this.queues('mail', status, page)).find(({ name }) => name === 'mail')!;
    return mail.jobs.map(({ data }) => (data as { of: string }).of);
  }

  async job(id: string): Promise<{ job: AppJob; status: string }> {
    return this.get(`/api/queues/mail/${encodeURIComponent(id)}`);
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await this.app.fetch(this.base + path, { method, ...init });
    const text = await response.text();
    if (response.status >= 300) throw new Error(`${response.status} ${text}`);
    if (text === '') return undefined;
    const answer: unknown = JSON.parse(text);
    const parts = path.split('?')[0]!.slice(1).split('/').map(decodeURIComponent);
    const { handler: route } = findRoute(ROUTES, method.toLowerCase(), parts)!;
    const checked = validateResponse(route, { status: response.status as 200, body: answer as object });
    expect(checked.body).toEqual(answer);
    return answer;
  }
}
