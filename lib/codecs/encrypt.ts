import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { DecodingFacts, EncodedBytes, PayloadCodec } from '../job/payload-codec.interface.js';
import { InvalidOptionError } from '../queue.errors.js';
import { boolean, oneOf } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';

export interface EncryptOptions {
  /** The keys by name: 32 bytes each, as bytes, in base64, or in hexadecimal digits. Names: 1 to 64 of `A-Z a-z 0-9 _ . -`. */
  keys: Readonly<Record<string, string | Uint8Array>>;
  /** The name of the key that encrypts. The other keys only decrypt. */
  current: string;
  /** True to refuse data that is not encrypted. Leave it out as long as jobs wait that were pushed without encryption. Default: false. */
  required?: boolean;
}

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const EXPECTED_KEY = `${KEY_BYTES} bytes, as bytes, in base64, or in hexadecimal digits`;

/**
 * Makes a codec that encrypts with AES-256-GCM. The name of the key stands in the record of the job; the id and the name of the job are
 * authenticated with the data, so that no record can be put in the place of another one.
 *
 * A new key: add it to `keys` in all processes, then make it `current`. An old key: take it out when no job needs it any more.
 *
 * @throws InvalidOptionError, which never shows a key
 */
export function encrypt(options: EncryptOptions): PayloadCodec {
  const given = OptionReader.of(options, 'encrypt()');
  given.refuseOthers(['keys', 'current', 'required']);
  const below = given.below('keys');
  const names = below.given();
  if (names.length === 0) throw new InvalidOptionError(below.path, 'at least one key', options.keys);
  const keys = new Map(names.map((name) => [name, readKey(below, name)]));
  const current = given.get('current', oneOf(...names));
  if (current === undefined) throw new InvalidOptionError(given.at('current'), 'the name of a key', current);
  return new Encryption(keys, current, given.get('required', boolean) ?? false);
}

class Encryption implements PayloadCodec {
  readonly name = ALGORITHM;
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #current: string;

  constructor(
    keys: ReadonlyMap<string, KeyObject>,
    current: string,
    readonly isRequired: boolean,
  ) {
    this.#keys = keys;
    this.#current = current;
  }

  encode(bytes: Uint8Array, subject: string): EncodedBytes {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#keys.get(this.#current)!, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(subject));
    const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return { bytes: Buffer.concat([nonce, cipher.getAuthTag(), encrypted]), note: this.#current };
  }

  decode(bytes: Uint8Array, { subject, note }: DecodingFacts): Uint8Array {
    if (bytes.byteLength < NONCE_BYTES + TAG_BYTES) throw new Error('it is shorter than anything encrypted');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.#keys.get(note!)!, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(subject));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  }

  lacks(note: string | undefined): string | undefined {
    return note !== undefined && this.#keys.has(note) ? undefined : `a key "${note}" of encrypt()`;
  }
}

function readKey(keys: OptionReader, name: string): KeyObject {
  if (!KEY_NAME.test(name)) {
    throw new InvalidOptionError(keys.path, 'names of keys of 1 to 64 of A-Z a-z 0-9 _ . -', name);
  }
  const value = keys.raw(name);
  const bytes = typeof value === 'string' ? fromText(value) : value;
  if (bytes instanceof Uint8Array && bytes.byteLength === KEY_BYTES) return createSecretKey(bytes);
  throw new InvalidOptionError(keys.at(name), `${EXPECTED_KEY} (this one has ${sizeOf(value)})`, value);
}

function fromText(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** Says how long a key is, and nothing else of it. */
function sizeOf(value: unknown): string {
  if (typeof value === 'string') return `${value.length} characters`;
  return value instanceof Uint8Array ? `${value.byteLength} bytes` : `the type ${typeof value}`;
}
