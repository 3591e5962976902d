/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { defineJob, jobSpec } from 'nestjs-job-queue';
import type { DispatchedBatch, FlowState, JobContext, JobInterface, QueueManager } from 'nestjs-job-queue';

const Import = defineJob<{ row: number }, boolean>('import-row');
declare class ReportJob implements JobInterface {
  constructor(name: string);
  handle(): void;
}
declare const rows: readonly number[];

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<_T extends true>(): void {}

export async function batches(queue: QueueManager, job: JobContext): Promise<void> {
  const list = rows.map((row) => jobSpec(Import, { row }));
  const batch = await queue.batch(list, {
    id: 'rows',
    name: 'rows',
    allowFailures: true,
    retention: '1d',
    then: new ReportJob('then'),
    catch: jobSpec(Import, { row: 1 }),
    finally: jobSpec(Import, { row: 2 }, { queue: 'other' }),
  });
  expectType<Equal<typeof batch, DispatchedBatch>>();
  await queue.batch(new Set(list));
  await queue.batch([...list, new ReportJob('last')]);
  await queue.batch(
    (async function* () {
      yield* list;
    })(),
  );
  const state = await queue.getBatch(batch.id);
  expectType<Equal<typeof state, FlowState | null>>();
  const added = await job.batch?.add(list);
  expectType<Equal<typeof added, number | undefined>>();
  const counts = [await queue.retryBatch('rows'), (await queue.addToBatch('rows', list)).total];
  expectType<Equal<typeof counts, number[]>>();
  expectType<Equal<ReturnType<typeof queue.cancelBatch>, Promise<boolean>>>();

  // @ts-expect-error no job
  await queue.batch([{ row: 1 }]);
  // @ts-expect-error one job is no list
  await queue.batch(jobSpec(Import, { row: 1 }));
  // @ts-expect-error an unknown option
  await queue.batch(list, { onFailure: new ReportJob('x') });
  // @ts-expect-error a callback is a job
  await queue.batch(list, { then: () => undefined });
  // @ts-expect-error the data of the definition
  await queue.batch([jobSpec(Import, { row: 'one' })]);
}
