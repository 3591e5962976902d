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
