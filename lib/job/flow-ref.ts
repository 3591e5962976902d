import { deriveJobId } from './job-id.js';
import { SerialIds } from './serial-ids.js';

/** The letter of each kind of flow: a reference is this letter, then the id of the flow. */
export const FLOW_KINDS = { chain: 'c', batch: 'b', workflow: 'w' } as const;

export type FlowKind = keyof typeof FLOW_KINDS;

/** Returns the reference of a flow. */
export function flowRef(kind: FlowKind, id: string): string {
  return FLOW_KINDS[kind] + id;
}

/** Returns whether a reference is that of a flow of this kind. */
export function isFlowOf(kind: FlowKind, ref: string | undefined): ref is string {
  return ref?.startsWith(FLOW_KINDS[kind]) === true;
}

/** Returns the id of the flow under the name of its kind; `undefined` without a reference. */
export function flowIdByKind(ref: string | undefined): Readonly<Partial<Record<FlowKind, string>>> | undefined {
  const kind = (Object.keys(FLOW_KINDS) as FlowKind[]).find((each) => isFlowOf(each, ref));
  return kind && { [kind]: ref!.slice(1) };
}

/**
 * Returns the id of a job of a flow: always the same one, so that a second push adds nothing.
 *
 * @param createdAt when the flow was stored first
 * @param seat the number of its node, or the name of its callback
 */
export function memberId(ref: string, createdAt: number, queue: string, seat: number | string): string {
  if (typeof seat === 'number') return new SerialIds(ref, createdAt).of(queue, seat);
  return deriveJobId(createdAt, queue, `${ref} ${seat}`);
}
