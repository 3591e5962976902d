import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Move, Moves, Totals } from '../../../sample-app/src/live/live-message.js';
import { within } from '../../support/deadline.js';

const LIMIT_MS = 40_000;

interface Wait {
  isOver(): boolean;
  end(): void;
}

/** The event stream of the live page, as a browser reads it. */
export class LivePage {
  readonly moves: Move[] = [];
  /** How many jobs have completed, as the page counts them. */
  completed = 0;
  /** Resolves when the application has ended the stream. */
  readonly ended: Promise<void>;
  private totals?: Totals;
  private readonly waits = new Set<Wait>();

  private constructor(
    body: ReadableStream<Uint8Array>,
    private readonly abort: AbortController,
  ) {
    this.ended = this.read(Readable.fromWeb(body)).catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    });
  }

  static async open(url: string): Promise<LivePage> {
    const abort = new AbortController();
    const { body } = await fetch(`${url}/live/events`, { signal: abort.signal });
    const page = new LivePage(body as ReadableStream<Uint8Array>, abort);
    await page.sees(() => true);
    return page;
  }

  /** Resolves when a job makes this move; also if it has made it. */
  async hears(type: Move['type']): Promise<Move> {
    const find = (): Move | undefined => this.moves.find((move) => move.type === type);
    await this.until(() => find() !== undefined, `the event "${type}"`);
    return find()!;
  }

  /** Resolves when the totals are as wanted. */
  async sees(isWanted: (totals: Totals) => boolean): Promise<Totals> {
    await this.until(() => this.totals !== undefined && isWanted(this.totals), `totals as in ${isWanted.toString()}`);
    return this.totals!;
  }

  /** Resolves when so many jobs have completed. */
  async counts(jobs: number): Promise<void> {
    await this.until(() => this.completed >= jobs, `${jobs} completed jobs`);
  }

  close(): void {
    this.abort.abort();
  }

  private async until(isOver: Wait['isOver'], what: string): Promise<void> {
    if (isOver()) return;
    const over = new Promise<void>((end) => this.waits.add({ isOver, end }));
    await within(over, LIMIT_MS, what);
  }

  private async read(stream: Readable): Promise<void> {
    let type = '';
    for await (const line of createInterface(stream)) {
      if (line.startsWith('event: ')) type = line.slice(7);
      if (line.startsWith('data: ')) this.hear(type, JSON.parse(line.slice(6)) as Moves | Totals);
    }
  }

  private hear(type: string, data: Moves | Totals): void {
    if (type === 'totals') this.totals = data as Totals;
    else {
      const { moves, completed } = data as Moves;
      this.moves.push(...moves);
      for (const count of Object.values(completed)) this.completed += count;
    }
    for (const wait of this.waits) {
      if (!wait.isOver()) continue;
      this.waits.delete(wait);
      wait.end();
    }
  }
}
