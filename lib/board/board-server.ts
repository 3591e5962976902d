import { createBullBoard } from '@bull-board/api';
import type {
  AppControllerRoute,
  AppViewRoute,
  BullBoardQueues,
  ControllerHandlerReturnType,
  IServerAdapter,
  UIConfig,
} from '@bull-board/api/typings/app';
import { QueueConnectionError, QueueError } from '../queue.errors.js';
import { errorMessage, errorStack, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { BoardMetrics } from './board-metrics.js';
import { boardPage, readUiFiles, type UiFiles } from './board-template.js';
import {
  htmlAnswer,
  jsonAnswer,
  readRequest,
  sendAnswer,
  textAnswer,
  type BoardAnswer,
  type BoardRequest,
  type HttpRequest,
  type HttpResponse,
} from './http.js';
import { isForged, isReading } from './own-requests.js';
import { withOwnTexts } from './own-texts.js';
import type { BoardPages } from './pages/board-pages.js';
import { QueueAdapter, type AdapterParts } from './queue-adapter.js';
import { findRoute, routesOf, type Route } from './routes.js';
import { StaticFiles } from './static-files.js';

/** The parts of a board. */
export interface BoardParts extends Omit<AdapterParts, 'metrics'> {
  readonly title: string;
  readonly pages: BoardPages;
  readonly logger: QueueLogger;
}

type ApiHandler = AppControllerRoute['handler'];

/**
 * Answers the requests to a board:
 *
 * 1. `static/`: the files of bull-board;
 * 2. `pages/`: the pages of this library;
 * 3. `api/`: the interface behind the pages of bull-board, over {@link QueueAdapter};
 * 4. the pages of bull-board.
 *
 * bull-board tells it, as its server, what there is to serve.
 */
export class BoardServer implements IServerAdapter {
  private readonly adapters = new Map<string, QueueAdapter>();
  private readonly parts: AdapterParts;
  private files!: StaticFiles;
  private ui!: UiFiles;
  private config: UIConfig = {};
  private api: readonly Route<ApiHandler>[] = [];
  private entries: readonly Route<unknown>[] = [];
  private toError!: (error: Error) => ControllerHandlerReturnType;

  constructor(private readonly board: BoardParts) {
    const metrics = new BoardMetrics(board.admin, board.reads);
    this.parts = { ...board, metrics };
    const { boardTitle } = { boardTitle: board.title };
    const uiConfig = { boardTitle, hideDocsLink: true, hideRedisDetails: true, showMetrics: true };
    createBullBoard({ queues: [], serverAdapter: this, options: { uiConfig, historyProvider: metrics } });
  }

  /** Answers a request. Never rejects. */
  async serve(request: HttpRequest, response: HttpResponse): Promise<void> {
    const read = readRequest(request);
    const answer = read ? await this.answerSafely(read) : textAnswer(400, 'Bad request');
    sendAnswer(response, answer);
  }

  /** The queues are those that exist when they are asked for. */
  setQueues(): this {
    return this;
  }

  setViewsPath(folder: string): this {
    this.ui = readUiFiles(folder);
    return this;
  }

  setStaticPath(_route: string, folder: string): this {
    this.files = new StaticFiles(folder);
    return this;
  }

  setEntryRoute({ method, route }: AppViewRoute): this {
    this.entries = routesOf(method, route, undefined);
    return this;
  }

  setErrorHandler(handler: (error: Error) => ControllerHandlerReturnType): this {
    this.toError = handler;
    return this;
  }

  setApiRoutes(routes: AppControllerRoute[]): this {
    this.api = routes.flatMap((api) => routesOf<ApiHandler>(api.method, api.route, (request) => api.handler(request)));
    return this;
  }

  setUIConfig(config: UIConfig): this {
    this.config = config;
    return this;
  }

  private async answerSafely(request: BoardRequest): Promise<BoardAnswer> {
    try {
      return await this.answer(request);
    } catch (thrown) {
      const error = toError(thrown);
      const isExpected = error instanceof QueueError;
      if (!isExpected) this.board.logger.error(`The board could not answer: ${errorMessage(error)}`, errorStack(error));
      return textAnswer(statusOf(error), errorMessage(error));
    }
  }

  private async answer(request: BoardRequest): Promise<BoardAnswer> {
    const [first, ...rest] = request.parts;
    if (isForged(request)) return textAnswer(403, 'This request may come from the page of another site');
    if (this.board.readOnly && !isReading(request)) return textAnswer(403, 'This board is read only');
    if (first === 'api') return this.callApi(request);
    if (first === 'pages' && request.method === 'PUT') {
      return (await this.board.pages.change(rest.join('/'), request)) ?? notFound();
    }
    if (!isReading(request)) return textAnswer(405, 'Method not allowed');
    if (first === 'static') return this.fileAnswer(rest.join('/'));
    if (first === 'pages') return (await this.board.pages.answer(rest.join('/'), request, this.ui)) ?? notFound();
    if (!findRoute(this.entries, 'get', request.parts)) return notFound();
    return htmlAnswer(boardPage(this.ui, request.base, { ...this.config, miscLinks: this.linksFrom(request.base) }));
  }

  private async fileAnswer(path: string): Promise<BoardAnswer> {
    const answer = await this.files.answer(path);
    return answer ? withOwnTexts(path, answer) : notFound();
  }

  private linksFrom(base: string): UIConfig['miscLinks'] {
    return this.board.pages.links.map(({ text, path }) => ({ text, url: base + path }));
  }

  private async callApi({ method, parts, query, body, headers }: BoardRequest): Promise<BoardAnswer> {
    const found = findRoute(this.api, method === 'HEAD' ? 'get' : method.toLowerCase(), parts);
    if (!found) return jsonAnswer(404, { error: 'Not found' });
    const active = found.params['queueName'] ?? query['activeQueue'];
    const queues = await this.update(typeof active === 'string' ? active : undefined);
    try {
      const answer = await found.handler({
        queues,
        uiConfig: this.config,
        query: { ...query },
        params: found.params,
        body: (body ?? {}) as Record<string, unknown>,
        headers: headers as Record<string, string | undefined>,
      });
      return jsonAnswer(answer.status ?? 200, answer.body);
    } catch (thrown) {
      const error = toError(thrown);
      return jsonAnswer(statusOf(error), this.toError(error).body);
    }
  }

  /** Gives all adapters the state of their queues. @param active the queue that the page shows */
  private async update(active: string | undefined): Promise<BullBoardQueues> {
    const board = await this.board.reads.board(active);
    for (const name of this.adapters.keys()) if (!board.queues.has(name)) this.adapters.delete(name);
    for (const name of board.queues.keys()) {
      let adapter = this.adapters.get(name);
      if (!adapter) this.adapters.set(name, (adapter = new QueueAdapter(name, this.parts)));
      adapter.board = board;
    }
    // A map of its own for each request: bull-board waits while it goes through it.
    return new Map([...board.queues.keys()].map((name) => [name, this.adapters.get(name)!]));
  }
}

function notFound(): BoardAnswer {
  return textAnswer(404, 'Not found');
}

/** An error of the library other than one of the connection means that the request is wrong. */
function statusOf(error: Error): number {
  if (error instanceof QueueConnectionError) return 503;
  return error instanceof QueueError ? 400 : 500;
}
