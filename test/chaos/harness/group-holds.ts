import type { Redis } from 'ioredis';
import type { Histories } from '../checks/timeline.js';
import { Rounds } from './rounds.js';

/** A group that is held back, in milliseconds on the clock of the server. */
interface Hold {
  readonly from: number;
  readonly until: number;
}

/** The holds that were seen. */
export interface SeenHolds {
  readonly count: number;
  /** Tells the claims of jobs of a group that fell into one of its holds. Fences are the time of the server in microseconds. */
  startsWithin(group: string, histories: Histories, ids: readonly string[]): string[];
}

/** Looks at the holds of the groups of a queue from outside, all the time. */
export class GroupHolds {
  private readonly holds = new Map<string, Hold[]>();
  private readonly looks: Rounds;

  private constructor(
    private readonly client: Redis,
    private readonly queue: string,
  ) {
    this.looks = Rounds.start(() => this.look(), { every: 10 });
  }

  static watch(client: Redis, queue: string): GroupHolds {
    return new GroupHolds(client, queue);
  }

  async stop(): Promise<SeenHolds> {
    await this.looks.stop();
    const { holds } = this;
    return {
      count: new Set([...holds].flatMap(([group, ofGroup]) => ofGroup.map(({ until }) => `${group} ${until}`))).size,
      startsWithin: (group, histories, ids) => {
        const ofGroup = holds.get(group) ?? [];
        return Object.values(histories)
          .flat()
          .flatMap((event) => (event.type === 'claimed' ? event.jobs : []))
          .filter(({ id }) => ids.includes(id))
          .filter(({ fence }) =>
            ofGroup.some(({ from, until }) => fence > (from + 1) * 1_000 && fence < (until - 1) * 1_000),
          )
          .map(({ id }) => `${id} started while ${group} was held back`);
      },
    };
  }

  private async look(): Promise<void> {
    const reading = this.client.multi().time().zrange(`queue:${this.queue}:holds`, '0', '-1', 'WITHSCORES').exec();
    const [time, held] = (await reading.catch(() => [])) as [error: unknown, reply: unknown][];
    const [seconds, micros] = (time?.[1] ?? [0, 0]) as [number, number];
    const from = Number(seconds) * 1_000 + Math.ceil(Number(micros) / 1_000);
    const list = (held?.[1] ?? []) as string[];
    for (let i = 0; i < list.length; i += 2) {
      const [group, until] = [list[i]!, Number(list[i + 1])];
      if (from === 0 || until <= from) continue;
      const ofGroup = this.holds.get(group) ?? [];
      this.holds.set(group, ofGroup);
      ofGroup.push({ from, until });
    }
  }
}
