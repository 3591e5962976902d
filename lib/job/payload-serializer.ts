/** Turns the data of jobs into text and back; option `serializer`. */
export interface PayloadSerializer {
  /** Whatever it throws is told to who pushes, as the cause of a `PayloadNotSerializableError`. */
  serialize(data: unknown): string;
  /** The opposite of `serialize`. A job whose data it throws at fails for good. */
  deserialize(text: string): unknown;
}

/** Thrown by a serializer that can say where in the data the trouble is. */
export class UnserializableValueError extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path} ${reason}`);
    this.name = new.target.name;
  }
}
