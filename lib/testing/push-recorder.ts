import type { ArrayDriver, StoredPush } from '../drivers/array/array.driver.js';
import type { NewFlow } from '../drivers/queue-flows.interface.js';

/** The recorders of the drivers under test. */
const recorders = new WeakMap<object, PushRecorder>();

/** Keeps what was pushed to a driver under test, also what was pushed by jobs, chains and schedules. */
export class PushRecorder {
  readonly pushes: StoredPush[] = [];
  readonly flows: NewFlow[] = [];

  /** Takes a job that the driver has added. */
  readonly add = (push: StoredPush): void => {
    this.pushes.push(push);
  };

  /** Records the flows of a driver, too. */
  watch(driver: ArrayDriver): ArrayDriver {
    const { flows } = driver;
    const create = flows.create.bind(flows);
    flows.create = async (flow) => {
      const creation = await create(flow);
      if (creation.isNew) this.flows.push(flow);
      return creation;
    };
    recorders.set(driver, this);
    return driver;
  }
}

/** Returns the recorder of a driver; `undefined` if it is not under test. */
export function recorderOf(driver: unknown): PushRecorder | undefined {
  return typeof driver === 'object' && driver !== null ? recorders.get(driver) : undefined;
}
