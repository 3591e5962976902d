import type { Check } from '../support/checks.js';

/** What a push says about its job, for people and for the application: stored in the header of the record, read by no rule. */
export interface JobLabels {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

/** The names of the options of a push that are labels. */
export const LABELS = ['metadata', 'tags'] as const satisfies readonly (keyof JobLabels)[];

export const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({});
export const NO_TAGS: readonly string[] = Object.freeze([]);

/** The most bytes of the metadata, and of the tags, as JSON. */
const MOST_BYTES = 4_096;

/** Checks metadata. Reads it as a copy. */
export const metadataCheck: Check<Readonly<Record<string, string>>> = {
  expected: `an object whose values are strings, at most ${MOST_BYTES} bytes as JSON`,
  read(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    const isText = entries.every(([key, text]) => typeof text === 'string' && key !== '__proto__');
    return isText && fits(value) ? Object.freeze(Object.fromEntries(entries) as Record<string, string>) : undefined;
  },
};

/** Checks tags. Reads them as a copy, each of them once. */
export const tagsCheck: Check<readonly string[]> = {
  expected: `a list of strings that are not empty, at most ${MOST_BYTES} bytes as JSON`,
  read(value) {
    if (!Array.isArray(value) || !value.every((tag) => typeof tag === 'string' && tag !== '')) return undefined;
    return fits(value) ? Object.freeze([...new Set(value as string[])]) : undefined;
  },
};

function fits(value: object): boolean {
  return Buffer.byteLength(JSON.stringify(value)) <= MOST_BYTES;
}

/** Reads the labels of a stored record; leaves out what a push would not have stored. */
export function storedLabels(metadata: unknown, tags: unknown): JobLabels {
  return { metadata: metadata === undefined ? undefined : metadataCheck.read(metadata), tags: tagsCheck.read(tags) };
}
