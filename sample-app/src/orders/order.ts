/** An order, and the merchant to notify. */
export interface Order {
  readonly id: string;
  readonly merchant: string;
  /** Cents. */
  readonly total: number;
}
