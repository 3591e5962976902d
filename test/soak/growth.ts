/** A value `y` at a time `x`. Any unit of time will do, for example the number of finished jobs. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Computes the growth from the first point to the last, on the straight line that fits all points best. */
export function growth(points: readonly Point[]): number {
  const count = points.length;
  if (count < 2) return 0;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  return slope * (points.at(-1)!.x - points[0]!.x);
}
