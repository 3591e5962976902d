import type { PageRequest } from '../../systems/system.interface.js';
import type { BenchSystem, TaskOptions } from '../bench-system.js';

export interface ListPagesOptions extends TaskOptions {
  readonly pages: number;
  /** The first page. */
  readonly page: PageRequest;
  /** True to go from page to page; else each page is the first one. */
  readonly walks: boolean;
}

/** Reads pages of the waiting jobs, one after the other. Returns the number of jobs in them. */
export async function listPages(bench: BenchSystem, options: ListPagesOptions): Promise<number> {
  const { pages, page, walks } = options;
  const producer = await bench.system.openProducer({ ...bench, ...options });
  let jobs = 0;
  let cursor: string | undefined;
  for (let i = 0; i < pages; i++) {
    const { offset, ...rest } = page;
    const list = await producer.control!.list(cursor === undefined ? { ...rest, offset } : { ...rest, cursor });
    jobs += list.jobs.length;
    if (walks) cursor = list.cursor;
  }
  await producer.close();
  return jobs;
}
