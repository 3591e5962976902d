import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app.config.js';
import type { Order } from './order.js';

/** The answer of a merchant. */
export interface MerchantAnswer {
  readonly status: number;
  /** How long the merchant asks to wait, in seconds. */
  readonly retryAfter?: number;
}

/** Calls the webhooks of merchants. Their addresses come from the configuration, and never from a request. */
@Injectable()
export class MerchantClient {
  constructor(private readonly config: AppConfig) {}

  async notify(order: Order, signal: AbortSignal): Promise<MerchantAnswer> {
    const url = `${this.config.merchantsUrl}/${encodeURIComponent(order.merchant)}/webhook`;
    const response = await fetch(url, {
      method: 'POST',
      // A job may run twice: the merchant knows a second call by this key.
      headers: { 'content-type': 'application/json', 'idempotency-key': order.id },
      body: JSON.stringify(order),
      signal,
    });
    await response.body?.cancel();
    const retryAfter = secondsOf(response.headers.get('retry-after'));
    return { status: response.status, ...(retryAfter !== undefined && { retryAfter }) };
  }
}

/** Reads the header `Retry-After`: a number of seconds, or a date (RFC 9110, section 10.2.3). */
function secondsOf(header: string | null): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : undefined;
}
