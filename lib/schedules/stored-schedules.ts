import type {
  NewScheduleState,
  ScheduledJob,
  ScheduleStore,
  StoredSchedule,
} from '../drivers/queue-schedules.interface.js';
import { readState, readText, writeState, writeText, type ScheduleState, type ScheduleText } from './schedule-codec.js';
import { stateAfterSet, type KnownSchedule } from './transitions.js';

/** What a change makes of a schedule; `null`: nothing has to be changed. */
export type Change = (known: KnownSchedule | undefined, now: number) => ScheduleState | 'remove' | null;

/** Reads and changes schedules: if another process changes one at the same time, it looks again. */
export class StoredSchedules {
  /** A test may have replaced the driver by one without schedules: it is asked only when it is used. */
  constructor(private readonly driver: { readonly schedules: ScheduleStore }) {}

  private get store(): ScheduleStore {
    return this.driver.schedules;
  }

  async read(name: string): Promise<KnownSchedule | undefined> {
    const { schedules } = await this.store.read([name]);
    return schedules[0] && parse(schedules[0]);
  }

  async readAll(): Promise<(readonly [name: string, schedule: KnownSchedule])[]> {
    const all = await this.store.readAll();
    return all.map((stored) => [stored.name, parse(stored)] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /**
   * Sets a schedule.
   *
   * @param guard throws if it must not be set
   */
  async set(
    name: string,
    text: ScheduleText,
    paused: boolean | undefined,
    guard: (known: KnownSchedule | undefined) => void = () => undefined,
  ): Promise<KnownSchedule> {
    const stored = writeText(text);
    const state = await this.change(name, stored, (known, now) => {
      guard(known);
      return stateAfterSet(known, { text, stored, paused }, now);
    });
    return { text, state: state! };
  }

  /**
   * Changes a schedule.
   *
   * @param stored its new text; missing: as it is
   * @returns its state; `null` if there is none
   */
  async change(name: string, stored: string | undefined, decide: Change): Promise<ScheduleState | null> {
    for (;;) {
      const { now, schedules } = await this.store.read([name]);
      const [found] = schedules;
      const known = found && parse(found);
      const state = decide(known, now);
      if (state === null || (state !== 'remove' && known && isSame(known.state, state))) return known?.state ?? null;
      const application = stored === undefined ? known?.text.application : readText(stored).application;
      const to = state === 'remove' ? null : toStored(state, application, stored);
      const isDone = await this.store.change({ name, expected: found?.state ?? null, to });
      if (isDone) return state === 'remove' ? (known?.state ?? null) : state;
    }
  }

  /** Changes a schedule that is due. @returns false if another process has done so */
  async fired(
    { name, state: expected }: StoredSchedule,
    state: ScheduleState,
    application: string | undefined,
    jobs: readonly ScheduledJob[],
  ): Promise<boolean> {
    return this.store.change({ name, expected, to: toStored(state, application), jobs });
  }
}

/** @throws Error if another program wrote it */
export function parse({ text, state }: StoredSchedule): KnownSchedule {
  return { text: readText(text), state: readState(state) };
}

/** Compares all but the revision. */
function isSame(a: ScheduleState, b: ScheduleState): boolean {
  return writeState({ ...a, revision: 0 }) === writeState({ ...b, revision: 0 });
}

function toStored(state: ScheduleState, application: string | undefined, text?: string): NewScheduleState {
  return {
    state: writeState(state),
    ...(text !== undefined && { text }),
    ...(state.next !== undefined && { next: state.next }),
    ...(application !== undefined && { application }),
  };
}
