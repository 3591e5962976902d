/** A request, as Express and Fastify both show it. */
export interface HttpRequest {
  readonly method: string;
  /** As it was sent. */
  readonly originalUrl: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: unknown;
  readonly body: unknown;
  /** Express: the path of an application in which this one is mounted. */
  readonly baseUrl?: string;
  /** Express: the route. */
  readonly route?: { readonly path?: unknown };
  /** Fastify: the route. */
  readonly routeOptions?: { readonly url?: string };
}

/** A response, as Express and Fastify both take it. */
export interface HttpResponse {
  status(code: number): HttpResponse;
  header(name: string, value: string): unknown;
  getHeader(name: string): unknown;
  send(body: string | Buffer): unknown;
}

/** A request to a board. */
export interface BoardRequest {
  readonly method: string;
  /** The path of the board with a slash at its end, as the client wrote it. */
  readonly base: string;
  /** The parts of the path below it, decoded. */
  readonly parts: readonly string[];
  /** The whole path and the query, as the client wrote them. */
  readonly url: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly headers: HttpRequest['headers'];
}

/** An answer of a board. */
export interface BoardAnswer {
  readonly status: number;
  /** The media type. */
  readonly type: string;
  readonly body: string | Buffer;
  /** How long clients may keep it. Default: not at all. */
  readonly cache?: string;
}

/** Reads a request to a board. @returns `undefined` if its path is no text */
export function readRequest(request: HttpRequest): BoardRequest | undefined {
  const [path = ''] = request.originalUrl.split('?', 1);
  const segments = path.split('/').slice(1);
  const depth = depthOf(request);
  const below = segments.slice(depth);
  if (below.at(-1) === '') below.pop();
  const query = request.query as BoardRequest['query'] | undefined;
  try {
    return {
      method: request.method,
      base: `/${segments.slice(0, depth).join('/')}/`,
      parts: below.map((part) => decodeURIComponent(part)),
      url: request.originalUrl,
      query: query ?? {},
      body: request.body,
      headers: request.headers,
    };
  } catch {
    return undefined;
  }
}

/** Counts the parts of the path of the board: the route has as many of them before its wildcard. */
function depthOf({ baseUrl = '', route, routeOptions }: HttpRequest): number {
  const pattern = routeOptions?.url ?? (typeof route?.path === 'string' ? route.path : '');
  const parts = `${baseUrl}/${pattern}`.split('/').filter((part) => part !== '');
  return parts.filter((part) => !part.startsWith('*')).length;
}

/** Nothing from elsewhere is loaded, and no inline script or style runs. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** Sends an answer. The policy of the application, if it has one, stays. */
export function sendAnswer(response: HttpResponse, { status, type, body, cache = 'no-store' }: BoardAnswer): void {
  response.status(status);
  response.header('content-type', type);
  response.header('cache-control', cache);
  response.header('x-content-type-options', 'nosniff');
  response.header('referrer-policy', 'same-origin');
  if (response.getHeader('content-security-policy') === undefined) {
    response.header('content-security-policy', CONTENT_SECURITY_POLICY);
  }
  response.send(body);
}

export function jsonAnswer(status: number, body: unknown): BoardAnswer {
  // Nothing follows a 204.
  return { status, type: 'application/json; charset=utf-8', body: status === 204 ? '' : JSON.stringify(body) };
}

export function textAnswer(status: number, body: string): BoardAnswer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

export function htmlAnswer(body: string, status = 200): BoardAnswer {
  return { status, type: 'text/html; charset=utf-8', body };
}
