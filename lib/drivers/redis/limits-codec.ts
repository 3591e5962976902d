import type { GroupLimits, RateWindow, StartLimits } from '../queue-limits.interface.js';

const NONE = '-';

type Bounds = Pick<StartLimits, 'concurrency' | 'rateLimit'>;

/** Encodes limits for the scripts, as the part `limits` describes; as the empty text if there are none. */
export function encodeLimits({ groups = {}, ...bounds }: StartLimits): string {
  const isLimited = bounds.concurrency !== undefined || bounds.rateLimit !== undefined;
  const limitsGroups = groups.concurrency !== undefined || groups.rateLimit !== undefined;
  if (!limitsGroups) return isLimited ? encodeBounds(bounds) : '';
  return `${encodeBounds(bounds)} ${encodeBounds(groups)} ${groups.ordered ? 1 : NONE}`;
}

function encodeBounds({ concurrency, rateLimit }: Bounds): string {
  const window = rateLimit ? `${rateLimit.max} ${Math.ceil(rateLimit.per * 1_000_000)}` : `${NONE} ${NONE}`;
  return `${concurrency ?? NONE} ${window}`;
}

/** No limits, as an operator sets them. */
export const NO_LIMITS_TEXT = `${NONE} ${NONE} ${NONE}`;

/** Decodes limits. */
export function decodeLimits(text: string): StartLimits {
  const words = text.split(' ');
  const groups: GroupLimits = { ...decodeBounds(words.slice(3)), ...(words[6] === '1' && { ordered: true }) };
  return { ...decodeBounds(words), ...(Object.keys(groups).length > 0 && { groups }) };
}

function decodeBounds(words: readonly string[]): Bounds {
  const [concurrency, max, per] = words.map((word) => (word === NONE ? undefined : Number(word)));
  const rateLimit: RateWindow | undefined =
    max !== undefined && per !== undefined ? { max, per: per / 1_000_000 } : undefined;
  return { ...(concurrency !== undefined && { concurrency }), ...(rateLimit && { rateLimit }) };
}

/** Of each limit the smaller one: of two rates the one that lets fewer jobs start a second. */
export function smallerLimits(one: StartLimits, other: StartLimits): StartLimits {
  const groups: GroupLimits = {
    ...smallerBounds(one.groups ?? {}, other.groups ?? {}),
    ...((one.groups?.ordered ?? other.groups?.ordered) && { ordered: true }),
  };
  return { ...smallerBounds(one, other), ...(Object.keys(groups).length > 0 && { groups }) };
}

function smallerBounds(one: Bounds, other: Bounds): Bounds {
  const concurrency = Math.min(one.concurrency ?? Infinity, other.concurrency ?? Infinity);
  const rates = [one.rateLimit, other.rateLimit].filter((rate) => rate !== undefined);
  const [rateLimit] = rates.toSorted((a, b) => a.max / a.per - b.max / b.per);
  return { ...(concurrency < Infinity && { concurrency }), ...(rateLimit && { rateLimit }) };
}
