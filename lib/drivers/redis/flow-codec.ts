import { SerialIds } from '../../job/serial-ids.js';
import { nextJobId } from '../../job/job-id.js';
import { withPreviousResult } from '../../job/job-record.js';
import { isFlowOf } from '../../job/flow-ref.js';
import { slices } from '../../support/slices.js';
import type { FlowJob, FlowNode, NodeState, StoredFlow, StoredNode } from '../queue-flows.interface.js';
import type { NewJob } from '../queue-driver.interface.js';
import type { FlowEnd } from '../storage-observer.interface.js';
import { NODE_STATE } from './scripts/flow-table.js';
import { ADD, MANY, OUTCOME } from './scripts/parts/outbox.part.js';
import { decodeMemberTraits, encodeTraits, NO_NODE } from './trait-codec.js';

/** The entries in the outbox of a queue, and the token of the process that has the outbox. */
export interface Outbox {
  readonly token: string;
  readonly entries: readonly string[];
}

/** The outcome of a job of a flow. */
export interface OutboxEntry {
  readonly ref: string;
  readonly node: string;
  readonly outcome: string;
  readonly id: string;
  /** Empty without one. Of a member that a failure has cancelled, the job as it is pushed again; of many members their numbers; of members that are added their jobs. */
  readonly result: string;
}

/** Reads an entry of the outbox of a queue; `undefined` if another program wrote it. See the script part `outbox`. */
export function readEntry(text: string, queue: string): OutboxEntry | undefined {
  const end = text.indexOf('\n');
  const [ref, node, outcome, id, ...others] = (end < 0 ? text : text.slice(0, end)).split(' ');
  if (!ref || !node || !/^\d+$/.test(node) || !outcome || !id || others.length > 0) return undefined;
  const rest = end < 0 ? '' : text.slice(end + 1);
  // The token of an addition is in the place of an id.
  if (outcome === ADD) return rest === '' ? undefined : { ref, node, outcome, id, result: rest };
  if (outcome === MANY) return /^\d+(,\d+)*$/.test(rest) ? { ref, node, outcome, id, result: rest } : undefined;
  const result = outcome === OUTCOME.stopped ? readStopped(id, queue, rest) : readResult(rest);
  return { ref, node, outcome, id, result };
}

/** Reads a job that was cancelled, and makes the job that takes its place. See the script part `stop members`. */
function readStopped(id: string, queue: string, text: string): string {
  const end = text.indexOf('\n');
  const from = end + 1 + Number(text.slice(0, end));
  const traits = decodeMemberTraits(text.slice(end + 1, from));
  return writeJob({ id: nextJobId(id), queue, body: text.slice(from), delay: 0, traits });
}

/** Writes the entry of an outbox that adds jobs to a batch. @param jobs see {@link writeJob} */
export function writeAdded(ref: string, token: string, jobs: readonly string[]): string {
  return `${ref} 0 ${ADD} ${token}\n${JSON.stringify(jobs)}`;
}

/** Reads the jobs of such an entry; none if another program wrote it. */
export function readAdded({ result }: OutboxEntry): string[] {
  try {
    const jobs: unknown = JSON.parse(result);
    return Array.isArray(jobs) && jobs.every((job) => typeof job === 'string') ? jobs : [];
  } catch {
    return [];
  }
}

/** Reads the text of a result: settlements bring it as JSON. */
function readResult(json: string): string {
  if (json === '') return '';
  try {
    return String(JSON.parse(json));
  } catch {
    return '';
  }
}

/** A job of a flow that has to be pushed now. */
export interface DueJob {
  readonly ref: string;
  /** The number of the node, or the name of the callback. */
  readonly node: string;
  readonly queue: string;
  readonly job: NewJob;
}

/** The reply of a script of flows. */
export interface DueReply {
  /** On the clock of the server that has the flow, in milliseconds. */
  readonly now: number;
  /** True if a further call with the same arguments brings more. */
  readonly hasMore: boolean;
  readonly due: readonly DueJob[];
  /** The ends of flows that the caller has to tell. */
  readonly ends: readonly ToldEnd[];
}

/** The end of a flow. */
export interface ToldEnd {
  readonly ref: string;
  readonly end: FlowEnd;
}

const VALUES = 4;
const VALUES_OF_END = 8;
/** Reads the due jobs in the reply of a script. They end with the reply, or before an empty text. */
export function readDue([now, hasMore, ends = [], ...values]: readonly unknown[]): DueReply & {
  readonly rest: readonly string[];
} {
  const due: DueJob[] = [];
  let at = 0;
  for (; at < values.length && values[at] !== ''; at += VALUES) {
    const [ref, node, text, result] = values.slice(at, at + VALUES) as [string, string, string, string];
    due.push(readJob(ref, node, text, result));
  }
  return {
    now: Number(now),
    hasMore: Number(hasMore) === 1,
    due,
    ends: slices(ends as string[], VALUES_OF_END).map(readEnd),
    rest: values.slice(at + 1) as string[],
  };
}

function readEnd([ref, createdAt, finishedAt, total, completed, failed, cancelled, name]: readonly string[]): ToldEnd {
  const end = {
    ...(name !== '' && { name }),
    createdAt: Number(createdAt),
    finishedAt: Number(finishedAt),
    total: Number(total),
    completed: Number(completed),
    failed: Number(failed),
    cancelled: Number(cancelled),
  };
  return { ref: ref!, end };
}

/** Writes a job of a flow as it is stored, and as scripts read it: id and queue; a line with its delay; its traits, a line for each; an empty line; its record. */
export function writeJob({ id, queue, body, delay, traits = {} }: FlowJob): string {
  return `${id} ${queue}\n${Math.ceil(delay * 1000)}${encodeTraits(traits)}\n\n${body}`;
}

function readJob(ref: string, node: string, text: string, result: string): DueJob {
  const end = text.indexOf('\n\n');
  const [place, delay, ...lines] = text.slice(0, end).split('\n') as [string, string, ...string[]];
  const [id, queue] = place.split(' ') as [string, string];
  const traits = decodeMemberTraits(lines.join('\n'));
  const record = text.slice(end + 2);
  const body = result === '' ? record : withPreviousResult(record, result);
  // A callback is no node: no flow waits for its end. Because of its trait its id stays known for a while after its end.
  const flow = { ref, node: node.startsWith('!') ? NO_NODE : Number(node) };
  return { ref, node, queue, job: { id, body, delay: Number(delay) / 1000, traits: { ...traits, flow } } };
}

/** Returns the values of nodes for the script `create flows`. */
export function nodeValues(nodes: readonly FlowNode[]): string[] {
  const behind = nodes.map((): number[] => []);
  for (const [number, { after = [] }] of nodes.entries()) for (const other of after) behind[other]!.push(number);
  return nodes.flatMap((node, number) => [
    writeJob(node),
    (node.after ?? []).join(' '),
    behind[number]!.join(' '),
    node.name ?? '',
  ]);
}

/** A member of a batch, as scripts tell it. */
export interface Member {
  readonly id: string;
  readonly queue: string;
}

/** Reads members: the number and the place of each. */
export function readMembers(ref: string, createdAt: number, values: readonly string[]): Member[] {
  const ids = new SerialIds(ref, createdAt);
  return Array.from({ length: values.length / 2 }, (_, index) => {
    const [node, place] = [Number(values[2 * index]), values[2 * index + 1]!];
    const [id, queue] = place.split(' ') as [string, string];
    return { id: id === '' ? ids.of(queue, node) : id, queue };
  });
}

/** Reads id and queue of a job; `undefined` if they are not known. */
export function readPlace(text: string): { readonly id: string; readonly queue: string } | undefined {
  const [id, queue] = text.split(' ');
  return id && queue ? { id, queue } : undefined;
}

/** The values of a node in the reply of the script `read nodes`. */
const VALUES_OF_NODE = 5;

const STATE_OF_LETTER: Readonly<Record<string, NodeState>> = Object.fromEntries(
  Object.entries(NODE_STATE).map(([state, letter]) => [letter, state === 'held' ? 'cancelled' : (state as NodeState)]),
);

/** Reads the nodes in the reply of the script `read nodes`. @param from the number of the first one */
export function readNodes(ref: string, from: number, values: readonly string[]): StoredNode[] {
  const isChain = isFlowOf('chain', ref);
  return slices(values, VALUES_OF_NODE).map((node, index) => {
    const [letter = '', name = '', before = '', place = '', jobName = ''] = node;
    const number = from + index;
    const inChain = number > 0 ? [number - 1] : [];
    return readNode(letter, name, isChain ? inChain : (before.match(/\d+/g) ?? []).map(Number), place, jobName);
  });
}

function readNode(letter: string, name: string, after: number[], place: string, jobName: string): StoredNode {
  const job = readPlace(place);
  return {
    state: STATE_OF_LETTER[letter] ?? 'waiting',
    ...(name !== '' && { name }),
    after,
    ...(job && { job: { ...job, ...(jobName !== '' && { name: jobName }) } }),
  };
}

/** Reads the reply of the script `read flow`. */
export function readStored([head, failedIds = []]: readonly (readonly string[] | undefined)[]): StoredFlow | null {
  if (!head) return null;
  const [name, createdAt, endedAt, total, completed, failed, cancelled] = head;
  return {
    ...(name !== '' && { name }),
    createdAt: Number(createdAt),
    ...(endedAt !== '' && { finishedAt: Number(endedAt) }),
    total: Number(total),
    completed: Number(completed),
    failed: Number(failed),
    cancelled: Number(cancelled),
    failedIds,
  };
}

/** Tells by the reply of the script `read flow` whether members of a batch were not pushed yet. */
export function hasWaiting([head]: readonly (readonly string[] | undefined)[]): boolean {
  const [total, ...counts] = (head ?? []).slice(3).map(Number);
  return total !== undefined && total > counts.reduce((sum, count) => sum + count, 0);
}
