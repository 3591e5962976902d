import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { JobCodec } from '../job/job-codec.js';
import type { DispatchResult, PendingPush } from '../middleware/dispatch-stage.js';
import { InvalidOptionError } from '../queue.errors.js';
import { errorMessage, toError } from '../support/error-text.js';

/**
 * Stores a debounced job whose data is merged with that of the job that waits: reads it, merges, and replaces it, unless it has changed
 * meanwhile. Then it begins again.
 *
 * @param push has a function `merge`, and a key
 * @throws InvalidOptionError if the function throws; PayloadInvalidError, PayloadNotSerializableError, PayloadTooLargeError
 */
export async function pushMerged(driver: QueueDriver, codec: JobCodec, push: PendingPush): Promise<DispatchResult> {
  const { id, queue, delay, name, traits } = push;
  const debounce = traits!.debounce!;
  for (;;) {
    const waiting = await driver.readDebounced(queue, debounce.key, traits!.group);
    const data = waiting === null ? push.data : merge(push, codec.decodeData(codec.decode(id, waiting)));
    if (waiting !== null) await push.check?.(data);
    const { body } = codec.encode({ ...push, data });
    const job = {
      id,
      isGenerated: true,
      name,
      body,
      delay,
      traits: { ...traits, debounce: { ...debounce, over: waiting } },
    } as const;
    const exception = (await driver.push(queue, [job], true))?.[0];
    if (!exception) return { id, outcome: 'delayed' };
    const { outcome } = exception;
    if (outcome !== 'changed') return { id: exception.id, outcome };
  }
}

function merge({ name, data, merge: make }: PendingPush, waiting: unknown): unknown {
  try {
    return make!(waiting, data);
  } catch (cause) {
    const expected = `a function that merges the data of job ${name}; it throws: ${errorMessage(toError(cause))}`;
    throw new InvalidOptionError('debounce.merge', expected, make, { cause });
  }
}
