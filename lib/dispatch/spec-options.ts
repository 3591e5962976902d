/**
 * Puts the options of a spec before those of the call, one by one. Both are unchecked: a queue name, or options. What is neither is
 * returned as it is, for the check to refuse.
 *
 * @param ofCall the last argument of the call
 */
export function withOptionsOfSpec(ofCall: unknown, ofSpec: unknown): unknown {
  if (ofSpec === undefined) return ofCall;
  if (ofCall === undefined) return ofSpec;
  const [byCall, bySpec] = [ofCall, ofSpec].map((to) => (typeof to === 'string' ? { queue: to } : to));
  if (!isObject(byCall)) return byCall;
  if (!isObject(bySpec)) return bySpec;
  return { ...byCall, ...Object.fromEntries(Object.entries(bySpec).filter(([, value]) => value !== undefined)) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
