import { ChunkCall } from '../chunks/chunk-call.js';
import type { RegisteredJob } from '../discovery/registered-job.interface.js';
import { settle } from '../job/handler-result.js';
import { JobCodec, type CodecOptions } from '../job/job-codec.js';
import { JobControl } from '../job/job-context.js';
import type { JobForm } from '../job/job-record.js';
import { checkData, checksAttempt } from '../validation/check-data.js';
import { contextOf, type PartialJobContext } from './job-context.js';

/** Runs one attempt of a job as a worker does, without a storage. */
export async function runJob(
  registered: RegisteredJob,
  given: unknown,
  partial: PartialJobContext,
  codecs: CodecOptions,
): Promise<unknown> {
  const { name, options } = registered;
  const form: JobForm = registered.takesData ? 'handler' : 'instance';
  const codec = new JobCodec(codecs);
  const { queue = options.queue ?? 'default' } = partial;
  const data = form === 'instance' && isInstance(given, registered) ? registered.dehydrate(given) : given;
  const { body } = codec.encode({ id: 'job-1', form, name, options: {}, data });
  const stored = codec.decodeData(codec.decode('job-1', body));
  const accepted = checksAttempt(options) ? (await checkData(name, options.schema!, stored)).output : stored;
  const control = new JobControl(partial.maxTries ?? options.maxTries ?? 3);
  const context = contextOf(control, { name, queue, ...partial }, accepted);
  const call = options.chunk && new ChunkCall(queue, name, 1, (begun) => void begun.run());
  const seat = call?.reserve();
  seat?.sit(context, control);
  const prepared = await registered.prepare(form, accepted, context, seat);
  const result = await settle(prepared.handle(), control);
  const { verdict } = control;
  if (verdict?.kind === 'fail') throw verdict.error;
  return result;
}

function isInstance(value: unknown, { jobClass }: RegisteredJob): value is object {
  return value instanceof jobClass;
}
