import { slices } from '../../support/slices.js';
import { LISTED_STATES, type ListedState } from '../../job/job-status.js';
import type {
  ListFilter,
  ListPage,
  ListPlace,
  ListRequest,
  QueueLists,
  QueueOverview,
  StoredJob,
} from '../queue-lists.interface.js';
import type { QueueKeys } from './keys.js';
import { assertCursor } from './list-cursor-check.js';
import { encodeLimits } from './limits-codec.js';
import { readListed, readOverview, type JobValues, type OverviewReply } from './list-codec.js';
import { readLogs } from './log-codec.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { consumersScript } from './scripts/consumers.script.js';
import { listClaimedScript } from './scripts/list-claimed.script.js';
import { listEndedScript } from './scripts/list-ended.script.js';
import { listFoundScript } from './scripts/list-found.script.js';
import { listGroupsScript } from './scripts/list-groups.script.js';
import { VALUES_OF_JOB } from './scripts/list-jobs.js';
import { listTimesScript } from './scripts/list-times.script.js';
import { listTotalScript } from './scripts/list-total.script.js';
import { listTurnsScript } from './scripts/list-turns.script.js';
import { overviewScript } from './scripts/overview.script.js';
import type { ROOM_ARGS } from './scripts/queue-room.js';

/** The most jobs that one script tells of: Redis serves no other client meanwhile. */
const TOLD = 200;
/** Begins the cursor of a reply that asks to search on for the last position. */
const SEARCH_ON = 'search';

type Reply = readonly [now: number, skipped: number, cursor: string, ...values: string[]];

/** Lists jobs, with scripts that each look at a bounded number of them. */
export class RedisLists implements QueueLists {
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly assertOpen: () => void,
  ) {}

  async page(queue: string, request: ListRequest): Promise<ListPage> {
    this.assertOpen();
    const { place } = request;
    assertCursor(place, request.cursor);
    const reply = await this.read(queue, { ...request, limit: Math.min(request.limit, TOLD) });
    const [now, skipped, cursor, ...values] = reply;
    const jobs = jobsOf(values).map((each) => readListed(queue, place, now, each));
    if (cursor === '') return { jobs, skipped };
    return { jobs, skipped, cursor: cursor.split(' ') };
  }

  async total(queue: string, states: readonly ListedState[]): Promise<number | undefined> {
    this.assertOpen();
    const own = this.toolkit.keys.of(queue);
    const { completed: completedTtl, failed: failedTtl } = this.toolkit.retention(queue);
    const args = { completedTtl, failedTtl, ...this.roomOf(queue) };
    const reply = await this.toolkit.commands.run(listTotalScript, { keys: own, args }, 'deadline', queue);
    const [queued, delayed, retrying, waiting, processing, failed, completed, cancelled, ended, blocked] =
      reply as number[];
    const asked = new Set<ListedState>(states);
    let total = 0;
    const groups: [all: number, counts: Partial<Record<ListedState, number>>][] = [
      [waiting!, { queued, delayed, retrying }],
      [blocked!, { blocked }],
      [processing!, { processing }],
      [failed!, { failed }],
      [ended!, { completed, cancelled }],
    ];
    for (const [all, counts] of groups) {
      const wanted = Object.entries(counts).filter(([state]) => asked.has(state as ListedState));
      if (wanted.length === Object.keys(counts).length) total += all;
      else if (wanted.some(([, count]) => count < 0)) return undefined;
      else total += wanted.reduce((sum, [, count]) => sum + count, 0);
    }
    return total;
  }

  async find(id: string, queues: readonly string[]): Promise<StoredJob | null> {
    this.assertOpen();
    for (const queue of queues) {
      const own = this.toolkit.keys.of(queue);
      const any = listing(own, { states: LISTED_STATES, limit: 1, skip: 0, filter: {} });
      const { completed: completedTtl, failed: failedTtl } = this.toolkit.retention(queue);
      const args = { id, completedTtl, failedTtl, ...this.roomOf(queue), ...any };
      const reply = await this.toolkit.commands.run(listFoundScript, { keys: own, args }, 'deadline', queue);
      const [now, , place, ...values] = reply as Reply;
      const [job] = jobsOf(values.slice(0, VALUES_OF_JOB));
      if (!job) continue;
      const logs = readLogs(values[VALUES_OF_JOB] ?? '');
      return { ...readListed(queue, place as ListPlace, now, job), ...(logs.length > 0 && { logs }) };
    }
    return null;
  }

  async consumers(queue: string): Promise<number> {
    this.assertOpen();
    const input = { keys: this.toolkit.keys.of(queue), args: {} };
    return Number(await this.toolkit.commands.run(consumersScript, input, 'deadline', queue));
  }

  async overview(queue: string): Promise<QueueOverview> {
    this.assertOpen();
    const { keys, retention, commands } = this.toolkit;
    const { completed: completedTtl, failed: failedTtl } = retention(queue);
    const input = { keys: keys.of(queue), args: { completedTtl, failedTtl, ...this.roomOf(queue) } };
    return readOverview((await commands.run(overviewScript, input, 'deadline', queue)) as OverviewReply);
  }

  private async read(queue: string, request: ListRequest): Promise<Reply> {
    const { commands, keys, retention } = this.toolkit;
    const own = keys.of(queue);
    const { place, order, cursor } = request;
    const common = { order, ...listing(own, request) };
    const room = this.roomOf(queue);
    switch (place) {
      case 'claimed': {
        const [after = '', afterConsumer = ''] = cursor ?? [];
        const args = { ...common, after, afterConsumer, claimedPrefix: own.claimedPrefix };
        return (await commands.run(listClaimedScript, { keys: own, args }, 'deadline', queue)) as Reply;
      }
      case 'ready':
      case 'recovered':
      case 'prioritized':
        return this.readTurns(queue, request);
      case 'grouped': {
        // A group may have spaces.
        const [position = '0', index = '0', ...from] = cursor ?? [];
        const args = { ...common, position, index, from: from.join(' '), ...room };
        return (await commands.run(listGroupsScript, { keys: own, args }, 'deadline', queue)) as Reply;
      }
      case 'delayed':
      case 'failed': {
        const [afterScore = '', afterId = ''] = cursor ?? [];
        const args = { ...common, place, afterScore, afterId, failedTtl: retention(queue).failed };
        return (await commands.run(listTimesScript, { keys: own, args }, 'deadline', queue)) as Reply;
      }
      case 'ended': {
        const args = { ...common, after: cursor?.[0] ?? '', completedTtl: retention(queue).completed };
        return (await commands.run(listEndedScript, { keys: own, args }, 'deadline', queue)) as Reply;
      }
    }
  }

  /** The arguments by which a script finds out whether a queue lets jobs start. */
  private roomOf(queue: string): Record<(typeof ROOM_ARGS)[number], string> {
    const { keys, limits } = this.toolkit;
    return { claimedPrefix: keys.of(queue).claimedPrefix, ownLimits: encodeLimits(limits(queue)) };
  }

  /** Lists ready or recovered jobs without a group. The search for the last position may take several scripts. */
  private async readTurns(queue: string, { place, order, cursor, ...request }: ListRequest): Promise<Reply> {
    const own = this.toolkit.keys.of(queue);
    const room = this.roomOf(queue);
    const [level = '', ...where] = place === 'prioritized' ? (cursor ?? []) : ['', ...(cursor ?? [])];
    const [position = '', ...anchors] = where;
    for (let hi = ''; ;) {
      const args = { place, order, level, position, hi, ...room, ...listing(own, request) };
      const input = { keys: own, args, rest: anchors };
      const reply = (await this.toolkit.commands.run(listTurnsScript, input, 'deadline', queue)) as Reply;
      const [word, from = ''] = reply[2].split(' ');
      if (word !== SEARCH_ON) return reply;
      hi = from;
    }
  }
}

function listing(
  { statusPrefix }: QueueKeys,
  { states, limit, skip, filter }: Pick<ListRequest, 'states' | 'limit' | 'skip'> & { readonly filter: ListFilter },
) {
  const { name = '', tag, search = '' } = filter;
  const tagText = tag === undefined ? '' : JSON.stringify(tag);
  return { statusPrefix, states: `,${states.join(',')},`, limit, skip, name, tag: tagText, search };
}

function jobsOf(values: readonly string[]): JobValues[] {
  return slices(values, VALUES_OF_JOB) as unknown as JobValues[];
}
