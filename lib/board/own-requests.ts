import type { BoardRequest } from './http.js';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a request changes nothing. */
export function isReading({ method }: Pick<BoardRequest, 'method'>): boolean {
  return READING.has(method);
}

/**
 * Whether a request that changes something may come from a page of another site, on whose behalf a browser sends the cookies of its user. Each
 * such request of the board is a PUT, a PATCH or a POST of JSON, which a browser sends elsewhere only after it has asked; a form cannot do that.
 */
export function isForged(request: Pick<BoardRequest, 'method' | 'headers'>): boolean {
  if (isReading(request)) return false;
  const { 'sec-fetch-site': site, 'content-type': type = '' } = request.headers;
  if (typeof site === 'string' && site !== 'same-origin' && site !== 'none') return true;
  return request.method === 'POST' && !/^application\/json\b/i.test(String(type));
}
