import type { StartLimits } from '../queue-limits.interface.js';

const NONE = '-';

/** Encodes limits for the scripts, as the part `limits` describes; as the empty text if there are none. */
export function encodeLimits({ concurrency, rateLimit }: StartLimits): string {
  if (concurrency === undefined && !rateLimit) return '';
  const window = rateLimit ? `${rateLimit.max} ${Math.ceil(rateLimit.per * 1_000_000)}` : `${NONE} ${NONE}`;
  return `${concurrency ?? NONE} ${window}`;
}

/** No limits, as an operator sets them. */
export const NO_LIMITS_TEXT = `${NONE} ${NONE} ${NONE}`;

/** Decodes limits. */
export function decodeLimits(text: string): StartLimits {
  const [concurrency, max, per] = text.split(' ').map((word) => (word === NONE ? undefined : Number(word)));
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(max !== undefined && per !== undefined && { rateLimit: { max, per: per / 1_000_000 } }),
  };
}
