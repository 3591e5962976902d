/** The data of the job that ships a parcel. */
export interface Parcel {
  readonly number: number;
  /** Until then the carrier answers nothing; milliseconds since 1970. */
  readonly carrierIsDownUntil?: number;
}
