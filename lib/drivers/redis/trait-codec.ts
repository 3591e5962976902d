import { createHash, hash } from 'node:crypto';
import type { DebounceKey, JobTraits, UniqueKey } from '../job-traits.interface.js';

/** What a debounced push expects under its key: anything, or that no job waits. Else the SHA-1 of the record that waits. */
export const EXPECTS = { anything: '-', nothing: '0' } as const;

/** The letters of the traits in the hash `traits`: see the script part of that name. */
export const TRAIT = {
  priority: 'p',
  unique: 'u',
  debounce: 'o',
  group: 'q',
  flow: 'f',
  isScheduled: 's',
} as const satisfies Record<keyof JobTraits, string>;

/** What the field `traits` of `meta` says of the jobs of a queue. Without the field that is not known. */
export const MAY_HAVE = { nothing: '0', priority: TRAIT.priority, anything: '1' } as const;

/** In place of the number of a node, of a callback: no flow waits for its end. */
export const NO_NODE = -1;

/** Lua: whether a text of traits has a priority alone. @param kind Lua for its second byte */
export function isPriorityAlone(kind: string): string {
  return `${kind} == ${TRAIT.priority.charCodeAt(0)}`;
}

/** Lua: whether a text of traits, which is not empty, has a unique key. */
export function hasUnique(text: string): string {
  return `string.byte(${text}, 2) == ${TRAIT.unique.charCodeAt(0)}`;
}

/**
 * Lua: whether a text of traits is that of a member of a flow, or of a job of a schedule.
 *
 * @param kind Lua for its second byte
 */
export function isOfMember(text: string, kind: string): string {
  return `${kind} ~= ${TRAIT.group.charCodeAt(0)} and (${mayHave(text, 'flow')} or ${mayHave(text, 'isScheduled')})`;
}

/** Lua: whether a text of traits may have a trait. To search for a text takes a tenth of the time of a pattern. */
export function mayHave(text: string, trait: keyof typeof TRAIT): string {
  return `string.find(${text}, '\\n${TRAIT[trait]}', 1, true)`;
}

/** Returns a Lua pattern that finds the value of a trait. */
export function traitPattern(trait: keyof typeof TRAIT): string {
  return `\\n${TRAIT[trait]}([^\\n]*)`;
}

/**
 * Encodes the traits of a job, a line for each; empty for none. The unique key comes first, then those of a member, and the priority last: so the
 * script sees by one character of a text if it begins with a key, has a priority alone, or is not that of a member.
 */
export function encodeTraits({ priority, unique, debounce, group, flow, isScheduled }: JobTraits): string {
  let text = '';
  if (unique !== undefined) text += `\n${TRAIT.unique}${encodeKey(unique)}`;
  if (flow !== undefined) text += `\n${TRAIT.flow}${flow.ref} ${flow.node}`;
  if (isScheduled) text += `\n${TRAIT.isScheduled}`;
  if (debounce !== undefined) text += `\n${TRAIT.debounce}${encodeDebounce(debounce)}`;
  if (group !== undefined) text += `\n${TRAIT.group}${group}`;
  if (priority) text += `\n${TRAIT.priority}${priority}`;
  return text;
}

/** Reads the traits of a member of a flow but its place there: it has no unique key, and is not debounced. */
export function decodeMemberTraits(text: string): JobTraits {
  const valueOf = (trait: keyof typeof TRAIT): string | undefined =>
    text
      .split('\n')
      .find((line) => line.startsWith(TRAIT[trait]))
      ?.slice(1);
  const [group, priority] = [valueOf('group'), valueOf('priority')];
  return { ...(group !== undefined && { group }), ...(priority !== undefined && { priority: Number(priority) }) };
}

/** The longest key that is stored as it is, and the length of the hash of a longer one: 84 bits. */
const KEY_LENGTH = 14;

/**
 * Returns the text that stands for the key of a unique job in the storage: a long key would take its length twice. It cannot be mistaken for a short
 * one, which has a tab behind the name of the job.
 */
export function storedKey(key: string): string {
  return key.length <= KEY_LENGTH ? key : hash('sha256', key, 'base64url').slice(0, KEY_LENGTH);
}

/** See the script part `unique`: the push script replaces the duration by the time of its end. */
function encodeKey({ key, until, for: duration }: UniqueKey): string {
  return `${until === 'start' ? 's' : 'e'}${duration === undefined ? '' : `+${Math.ceil(duration * 1000)}`} ${storedKey(key)}`;
}

/** See the script part `debounce`. */
function encodeDebounce({ key, maxWait, over }: DebounceKey): string {
  const expected = over === undefined ? EXPECTS.anything : over === null ? EXPECTS.nothing : sha1(over);
  return `${maxWait === undefined ? '' : Math.ceil(maxWait * 1000)} ${expected} ${key}`;
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
