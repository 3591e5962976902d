import { compose } from '../middleware/chain.js';
import type { DispatchResult, DispatchStage, PendingPush } from '../middleware/dispatch-stage.js';
import { toError } from '../support/error-text.js';

/** The results of stored pushes, by push. */
type Results = ReadonlyMap<PendingPush, DispatchResult>;

/**
 * Sends each push of a bulk through the stages by itself, and stores together the pushes that come out of them. If a stage
 * rejects before that, nothing is stored, so that a bulk with a wrong job changes nothing.
 *
 * @param store stores all pushes that came through the stages, and returns their results in their order
 * @returns the results of the pushes, in their order
 * @throws the first error
 */
export async function sendTogether(
  stages: readonly DispatchStage[],
  pushes: readonly PendingPush[],
  store: (pushes: readonly PendingPush[]) => Promise<readonly DispatchResult[]>,
): Promise<DispatchResult[]> {
  const through = new Map<number, PendingPush>();
  let open = pushes.length;
  let release!: (storing: Promise<Results>) => void;
  const stored = new Promise<Results>((resolve) => (release = resolve));
  // Ignore a rejection if no push waits for it: the push that failed throws the error.
  stored.catch(() => undefined);
  const storeAll = async (): Promise<Results> => {
    const last = [...through].sort(([a], [b]) => a - b).map(([, push]) => push);
    const results = await store(last);
    return new Map(last.map((push, index) => [push, results[index]!]));
  };
  const settle = (index: number, last?: PendingPush): void => {
    if (last) through.set(index, last);
    if (--open === 0) release(storeAll());
  };
  const sendOne = async (push: PendingPush, index: number): Promise<DispatchResult> => {
    const send = compose(stages, async (last) => {
      if (!through.has(index)) settle(index, last);
      const results = await stored;
      return results.get(through.get(index)!)!;
    });
    try {
      const result = await send(push);
      // A stage that did not call `next` has decided by itself: this push is not stored.
      if (!through.has(index)) settle(index);
      return result;
    } catch (error) {
      if (!through.has(index)) release(Promise.reject(toError(error)));
      throw error;
    }
  };
  return Promise.all(pushes.map(sendOne));
}
