/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { defineJob, Job } from 'nestjs-job-queue';
import type { DebounceOptions, QueueManager } from 'nestjs-job-queue';

interface Changes {
  product: string;
  fields: string[];
}

@Job({
  debounce: {
    key: ({ product }: Changes) => product,
    wait: '10s',
    maxWait: 60,
    merge: (waiting, pushed) => ({ ...pushed, fields: [...waiting.fields, ...pushed.fields] }),
  },
})
export class Index {
  async handle(_changes: Changes): Promise<void> {}
}
@Job<Changes>({ debounce: { key: (changes) => changes.product, wait: 10 } })
export class Given {
  async handle(_changes: Changes): Promise<void> {}
}
// @ts-expect-error -- the key is made of other data
@Job<{ other: number }>({ debounce: { key: (data) => String(data.other), wait: 10 } })
export class Other {
  async handle(_changes: Changes): Promise<void> {}
}
// @ts-expect-error -- no time
@Job({ debounce: { key: 'all' } })
export class Timeless {
  async handle(): Promise<void> {}
}

const Reindex = defineJob<Changes>('reindex', { debounce: { key: ({ product }) => product, wait: '10s' } });
// @ts-expect-error -- the merged data is of another type
defineJob<Changes>('reindex', { debounce: { key: 'all', wait: '10s', merge: () => 5 } });
// @ts-expect-error -- the data has no such property
defineJob<Changes>('reindex', { debounce: { key: ({ shop }) => shop, wait: '10s' } });

export const options: DebounceOptions<Changes> = { key: ({ product }) => product, wait: 5 };

export async function push(queue: QueueManager, changes: Changes): Promise<void> {
  await queue.push(Reindex, changes, { debounce: { wait: 5 } });
  await queue.push(Index, changes, { debounce: { key: 'a', wait: '1m', maxWait: '5m' } });
  // @ts-expect-error -- a push gives the key itself
  await queue.push(Index, changes, { debounce: { key: () => 'a' } });
  // @ts-expect-error -- only a class or a definition merges
  await queue.push(Index, changes, { debounce: { merge: () => changes } });
}
