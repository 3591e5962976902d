/**
 * One codec of the chain behind the serializer. `compress()` and `encrypt()` make codecs; an application may have its own.
 *
 * Its name stands in the record of each job that it has encoded, so that each record is read as it was written.
 */
export interface PayloadCodec {
  /** 1 to 32 of `a-z 0-9 -`. */
  readonly name: string;
  /** True if only what it has encoded is read. Default: false. */
  readonly isRequired?: boolean;
  /**
   * Encodes bytes; `undefined` to leave them as they are.
   *
   * @param subject a text that says of what job they are: an authenticated encryption binds them to it
   */
  encode(bytes: Uint8Array, subject: string): EncodedBytes | undefined;
  /** Decodes bytes. @throws if they are not what {@link encode} has made */
  decode(bytes: Uint8Array, facts: DecodingFacts): Uint8Array;
  /** Returns why this process cannot decode bytes with this note, such as a missing key; `undefined` if it can. */
  lacks?(note: string | undefined): string | undefined;
}

export interface EncodedBytes {
  readonly bytes: Uint8Array;
  /** Stands beside the name in the record, such as the name of a key: 1 to 64 of `A-Z a-z 0-9 _ . -`. */
  readonly note?: string;
}

/** What a codec knows of the bytes that it decodes. */
export interface DecodingFacts {
  /** As when they were encoded. */
  readonly subject: string;
  readonly note: string | undefined;
  /** The most bytes that may come out. */
  readonly limit: number;
}
