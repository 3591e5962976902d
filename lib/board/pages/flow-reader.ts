import { toState, type FlowState } from '../../flows/flow-state.js';
import { FLOW_KINDS, flowRef, type FlowKind } from '../../job/flow-ref.js';
import { assertJobId } from '../../job/job-id.js';
import { LISTED_STATES } from '../../job/job-status.js';
import type { JobDetails } from '../../lists/job-details.js';
import { each } from '../../support/slices.js';
import type { PageParts } from './page.js';

/** The most jobs of a queue that are looked at, the most queues, and the most flows that are read. */
export const LOOKED_AT = 100;
export const QUEUES = 50;
const FLOWS = 100;
const AT_ONCE = 8;
/** How long the newest flows are kept, in milliseconds. */
const KEPT = 5_000;

/** A flow that was found. */
export interface FoundFlow {
  readonly kind: FlowKind;
  readonly flow: FlowState;
}

export const KINDS = Object.keys(FLOW_KINDS) as FlowKind[];

/** Reads a flow; `null` if there is none, or if the id is none. */
export async function readFlow({ driver }: PageParts, kind: FlowKind, id: string): Promise<FlowState | null> {
  if (!isId(id)) return null;
  const stored = await driver.flows.read(flowRef(kind, id));
  return stored && toState(id, stored);
}

/** Finds the flows of an id, of each kind. */
export async function flowsOfId(parts: PageParts, id: string): Promise<FoundFlow[]> {
  const found = await each(KINDS, KINDS.length, async (kind) => ({ kind, flow: await readFlow(parts, kind, id) }));
  return found.filter((one): one is FoundFlow => one.flow !== null);
}

/** Reads the flows whose members some jobs are. */
export async function flowsOfJobs(parts: PageParts, jobs: readonly JobDetails[]): Promise<FoundFlow[]> {
  const refs = new Map<string, { readonly kind: FlowKind; readonly id: string }>();
  for (const job of jobs) {
    for (const kind of KINDS) {
      const id = job[kind];
      if (id !== undefined) refs.set(flowRef(kind, id), { kind, id });
    }
  }
  const wanted = [...refs.values()].slice(0, FLOWS);
  const found = await each(wanted, AT_ONCE, async ({ kind, id }) => ({ kind, flow: await readFlow(parts, kind, id) }));
  return found.filter((one): one is FoundFlow => one.flow !== null);
}

/** Finds the flows of which a job is among the newest jobs of a queue, the newest flow first. No list of all flows is kept. */
export async function newestFlows(parts: PageParts): Promise<readonly FoundFlow[]> {
  const { reads } = parts;
  return reads.shared('flows', KEPT, async () => {
    const { queues } = await reads.board();
    const names = [...queues.keys()].slice(0, QUEUES);
    const lists = await each(names, AT_ONCE, (name) =>
      reads.jobs(name, LISTED_STATES, { limit: LOOKED_AT, order: 'newest' }),
    );
    const flows = await flowsOfJobs(parts, lists.flat());
    return flows.toSorted((a, b) => Number(b.flow.createdAt) - Number(a.flow.createdAt));
  });
}

function isId(id: string): boolean {
  try {
    assertJobId(id);
    return true;
  } catch {
    return false;
  }
}
