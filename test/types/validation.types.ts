/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import { classSchema, defineJob, Job, jobSpec } from 'nestjs-job-queue';
import type { ChunkHandler, ChunkItem, JobContext, JobHandlerOf, PayloadCodec, QueueManager } from 'nestjs-job-queue';
import * as v from 'valibot';
import { z } from 'zod';

interface Email {
  to: string;
  tenant: string;
}
class Dto {
  to!: string;
}

declare const queue: QueueManager;
declare const same: StandardSchemaV1<Email, Email>;
declare const transforming: StandardSchemaV1<{ n: string }, { n: number }>;

// A class with a schema whose input is its output.
@Job({ schema: same, group: (email) => email.tenant, unique: { key: ({ to }) => to } })
export class Same {
  async handle(_email: Email): Promise<void> {}
}
@Job({ schema: same, validate: 'push', version: 2, upgrade: (data, from) => ({ ...data, from }) })
export class Versioned {
  async handle(_email: Email): Promise<void> {}
}
@Job({ schema: z.object({ to: z.email(), tenant: z.string() }) })
export class Zod {
  async handle(_email: Email): Promise<void> {}
}
@Job({ schema: v.object({ to: v.string(), tenant: v.string() }) })
export class Valibot {
  async handle(_email: Email): Promise<void> {}
}
@Job({ schema: type({ to: 'string', tenant: 'string' }) })
export class Arktype {
  async handle(_email: Email): Promise<void> {}
}
@Job({ schema: classSchema(Dto) })
export class WithDto {
  async handle(dto: Dto, job: JobContext<Dto>): Promise<string> {
    return dto.to + job.data.to;
  }
}
@Job({ schema: same, chunk: { size: 5 } })
export class Chunked implements ChunkHandler<Email> {
  handleChunk(_items: readonly ChunkItem<Email>[]): void {}
}
// @ts-expect-error -- a schema of other data
@Job({ schema: z.object({ other: z.number() }) })
export class OtherData {
  async handle(_email: Email): Promise<void> {}
}
// @ts-expect-error -- a schema that transforms needs defineJob()
@Job({ schema: transforming })
export class TransformsToOutput {
  async handle(_data: { n: number }): Promise<void> {}
}
// @ts-expect-error -- the same
@Job({ schema: transforming })
export class TransformsToInput {
  async handle(_data: { n: string }): Promise<void> {}
}
// @ts-expect-error -- no schema
@Job({ schema: { type: 'object' } })
export class NoSchema {
  async handle(_data: unknown): Promise<void> {}
}
// @ts-expect-error -- no such side
@Job({ schema: same, validate: 'never' })
export class NoSide {
  async handle(_email: Email): Promise<void> {}
}

// A definition with a schema that transforms.
const Transforming = defineJob('transforming', {
  schema: transforming,
  group: ({ n }) => n.toFixed(),
  unique: { key: ({ n }) => n.toFixed() },
  validate: 'handle',
});
const WithResult = defineJob<typeof transforming, { ok: boolean }>('with-result', { schema: transforming });
const OfSame = defineJob('same', { schema: same, validate: 'push' });
const OfTypes = defineJob<Email, string>('of-types', { schema: same, version: 3 });
const Debounced = defineJob('debounced', {
  schema: transforming,
  debounce: {
    key: ({ n }) => n.toFixed(),
    wait: '1s',
    merge: (waiting, pushed) => ({ n: waiting.n.concat(pushed.n) }),
  },
});
// @ts-expect-error -- the handler would get the input
defineJob('transforming', { schema: transforming, validate: 'push' });
// @ts-expect-error -- the functions among the options get the output
defineJob('transforming', { schema: transforming, group: ({ n }) => n.trim() });

@Job(Transforming, { upgrade: (data: { old: string }) => ({ n: data.old }) })
export class TransformingHandler implements JobHandlerOf<typeof Transforming> {
  async handle(data: { n: number }): Promise<void> {
    void data.n.toFixed();
  }
}
// @ts-expect-error -- it gets the output
@Job(Transforming)
export class InputHandler {
  async handle(_data: { n: string }): Promise<void> {}
}
// @ts-expect-error -- the definition has the schema
@Job(Transforming, { schema: same })
export class SchemaTwice {
  async handle(_data: { n: number }): Promise<void> {}
}
@Job(WithResult)
export class ResultHandler implements JobHandlerOf<typeof WithResult> {
  handle({ n }: { n: number }): { ok: boolean } {
    return { ok: n > 0 };
  }
}

export async function pushes(): Promise<void> {
  await queue.push(Transforming, { n: '7' });
  await queue.push(OfSame, { to: '', tenant: '' });
  await queue.push(OfTypes, { to: '', tenant: '' });
  await queue.push(Debounced, { n: '1' });
  await queue.push(WithDto, { to: '' });
  await queue.pushMany(Transforming, [{ n: '1' }]);
  await queue.pushMany([jobSpec(Transforming, { n: '1' }, { priority: 5 })]);
  const result: { ok: boolean } = await queue.pushAndWait(WithResult, { n: '1' }, { timeout: 1 });
  void result.ok;
  // @ts-expect-error -- a push takes the input
  await queue.push(Transforming, { n: 7 });
  // @ts-expect-error -- the same
  jobSpec(Transforming, { n: 7 });
}

export const own: PayloadCodec = {
  name: 'rot13',
  encode: (bytes) => ({ bytes }),
  decode: (bytes, { limit }) => bytes.subarray(0, limit),
};
