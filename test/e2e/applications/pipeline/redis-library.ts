import type { Redis } from 'ioredis';
import type { AlbumMail, AlbumMailer } from './album-mail.js';
import type { Artefact, AssetKind, Library } from './library.js';

const MAILS = 'app:mails';
const WRITES = 'app:writes';
const NOTES = 'app:notes';
const ASSETS = 'app:assets';

/** The tables of the application, for all processes. An asset whose name begins with "video" is one. */
export class RedisLibrary implements Library, AlbumMailer {
  constructor(private readonly redis: Redis) {}

  async kindOf(asset: string): Promise<AssetKind> {
    return asset.startsWith('video') ? 'video' : 'photo';
  }

  async write(asset: string, artefact: Artefact): Promise<void> {
    await this.redis.multi().sadd(`app:rows:${asset}`, artefact).rpush(WRITES, process.pid).exec();
  }

  async has(asset: string, artefact: Artefact): Promise<boolean> {
    return (await this.redis.sismember(`app:rows:${asset}`, artefact)) === 1;
  }

  async note(run: string): Promise<void> {
    await this.redis.rpush(NOTES, run);
  }

  async notes(): Promise<string[]> {
    return this.redis.lrange(NOTES, 0, -1);
  }

  async *assets(): AsyncIterable<string> {
    yield* await this.redis.lrange(ASSETS, 0, -1);
  }

  async add(assets: readonly string[]): Promise<void> {
    await this.redis.rpush(ASSETS, ...assets);
  }

  async send(mail: AlbumMail): Promise<void> {
    await this.redis.rpush(MAILS, JSON.stringify(mail));
  }

  async row(asset: string): Promise<string[]> {
    return (await this.redis.smembers(`app:rows:${asset}`)).toSorted();
  }

  /** The ids of the processes that wrote, in the order of their writes. */
  async writers(): Promise<number[]> {
    return (await this.redis.lrange(WRITES, 0, -1)).map(Number);
  }
}
