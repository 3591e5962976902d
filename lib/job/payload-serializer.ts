/** Turns the data of jobs into text and back; see the option `serializer`. */
export interface PayloadSerializer {
  /** If it throws, the push rejects with a `PayloadNotSerializableError` that has the error as its cause. */
  serialize(data: unknown): string;
  /** The opposite of `serialize`. If it throws, the job fails for good. */
  deserialize(text: string): unknown;
}

/** The error that a serializer throws if a value cannot be stored. It names the path to the value. */
export class UnserializableValueError extends Error {
  override name = 'UnserializableValueError';

  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path} ${reason}`);
  }
}
