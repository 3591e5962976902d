/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { defineJob, Job, jobSpec } from 'nestjs-job-queue';
import type {
  ChunkContext,
  ChunkHandler,
  ChunkHandlerOf,
  ChunkItem,
  JobContext,
  JobData,
  QueueManager,
} from 'nestjs-job-queue';

interface Product {
  sku: string;
}
interface Place {
  rank: number;
}

@Job({ chunk: { size: 100, wait: '2s' } })
export class IndexProducts implements ChunkHandler<Product> {
  constructor(readonly index: object) {}
  async handleChunk(items: readonly ChunkItem<Product>[]): Promise<void> {
    for (const item of items) {
      const sku: string = item.data.sku;
      const job: JobContext<Product> = item.job;
      // @ts-expect-error -- no such property
      void item.data.price;
      if (sku === job.id) item.fail(new Error(sku));
      item.retry('text');
      item.release('5m');
      // @ts-expect-error -- no such unit
      item.release('1 fortnight');
      item.complete();
      // @ts-expect-error -- no result
      item.complete({ rank: 1 });
    }
  }
  failed(_error: Error, { sku }: Product, job: JobContext): void {
    void (sku + job.id);
  }
}

@Job({ chunk: { size: 10 } })
export class RankProducts implements ChunkHandler<Product, Place> {
  handleChunk(items: readonly ChunkItem<Product, Place>[], { signal, queue, name }: ChunkContext): void {
    for (const item of items) item.complete({ rank: queue.length + name.length + Number(signal.aborted) });
    // @ts-expect-error -- another result
    items[0]!.complete({ place: 1 });
  }
}

export const data: JobData<RankProducts> = { sku: '1' };

const Rank = defineJob<Product, Place>('rank', { chunk: { size: 10, wait: 1 } });

@Job(Rank, { chunk: { size: 20 } })
export class RankHandler implements ChunkHandlerOf<typeof Rank> {
  handleChunk(items: readonly ChunkItem<Product, Place>[]): void {
    items[0]!.complete({ rank: 1 });
  }
}
@Job(Rank)
export class RankWithoutResults {
  handleChunk(_items: readonly ChunkItem<Product>[]): void {}
}
// @ts-expect-error -- other data
@Job(Rank)
export class OtherData {
  handleChunk(_items: readonly ChunkItem<{ customer: number }>[]): void {}
}
// @ts-expect-error -- neither method
@Job(Rank)
export class Neither {}
@Job({ chunk: { size: 2 }, unique: { key: ({ sku }: Product) => sku } })
export class UniqueProducts implements ChunkHandler<Product> {
  handleChunk(_items: readonly ChunkItem<Product>[]): void {}
}
// @ts-expect-error -- the options are for other data
@Job({ chunk: { size: 2 }, unique: { key: ({ customer }: { customer: string }) => customer } })
export class UniqueOthers {
  handleChunk(_items: readonly ChunkItem<Product>[]): void {}
}
// @ts-expect-error -- the size is missing
Job({ chunk: { wait: '2s' } });
// @ts-expect-error -- no such unit
Job({ chunk: { size: 1, wait: '1 fortnight' } });

export async function push(queue: QueueManager): Promise<void> {
  await queue.push(IndexProducts, { sku: '1' });
  await queue.pushMany(IndexProducts, [{ sku: '1' }], 'bulk');
  await queue.pushMany([jobSpec(IndexProducts, { sku: '1' }, { maxTries: 1 }), jobSpec(Rank, { sku: '2' })]);
  await queue.later(IndexProducts, { sku: '1' }, '5m');
  const nothing: void = await queue.pushAndWait(IndexProducts, { sku: '1' }, { timeout: '1s' });
  const { rank } = await queue.pushAndWait(RankProducts, { sku: '1' }, { timeout: '1s' });
  const place: Place = await queue.pushAndWait(Rank, { sku: '1' }, { timeout: '1s' });
  void [nothing, rank.toFixed(), place];
  // @ts-expect-error -- the data is missing
  await queue.push(IndexProducts);
  // @ts-expect-error -- other data
  await queue.push(IndexProducts, { customer: 1 });
  // @ts-expect-error -- the data of one job, not of a chunk
  await queue.push(IndexProducts, [{ sku: '1' }]);
  // @ts-expect-error -- no option of a push
  await queue.push(IndexProducts, { sku: '1' }, { chunk: { size: 2 } });
}
