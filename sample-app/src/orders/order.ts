/** An order, and the merchant who has to be told of it. */
export interface Order {
  readonly id: string;
  readonly merchant: string;
  /** Cents. */
  readonly total: number;
}
