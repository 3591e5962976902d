import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import { IsEmail, IsInt, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import * as v from 'valibot';
import { z } from 'zod';
import { PayloadInvalidError } from '../../../lib/queue.errors.js';
import { classSchema } from '../../../lib/validation/class-schema.js';
import { checkData, checksAttempt, checksPush } from '../../../lib/validation/check-data.js';

class Address {
  @IsInt()
  zip!: number;
}

class EmailDto {
  @IsEmail()
  to!: string;

  @ValidateNested()
  @Type(() => Address)
  address!: Address;
}

const zod = z.object({ to: z.email(), address: z.object({ zip: z.int() }) });
const schemas: readonly [string, StandardSchemaV1][] = [
  ['zod', zod],
  [
    'valibot',
    v.object({ to: v.pipe(v.string(), v.email()), address: v.object({ zip: v.pipe(v.number(), v.integer()) }) }),
  ],
  ['arktype', type({ to: 'string.email', address: { zip: 'number.integer' } })],
  ['class-validator', classSchema(EmailDto)],
];

async function check(schema: StandardSchemaV1, data: unknown): Promise<unknown> {
  return (await checkData('Mail', schema, data)).output;
}

describe.each(schemas)('checkData with %s', (_name, schema) => {
  it('returns the output', async () => {
    const data = { to: 'ada@example.org', address: { zip: 1 } };
    expect({ ...((await check(schema, data)) as object) }).toMatchObject(data);
  });

  it('tells each issue with its path', async () => {
    const error = await check(schema, { to: 'ada', address: { zip: 1.5 } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PayloadInvalidError);
    expect(error).toMatchObject({ code: 'ERR_PAYLOAD_INVALID', jobName: 'Mail' });
    const { issues, message } = error as PayloadInvalidError;
    expect(issues.map(({ path }) => path.join('.')).sort()).toEqual(['address.zip', 'to']);
    for (const issue of issues) expect(issue.message).toEqual(expect.stringMatching(/\w/));
    expect(message).toMatch(/^The data of job Mail is invalid: data\..+: .+; data\..+: ./);
  });

  it.each([undefined, null, 5, 'text', []])('refuses %j', async (data) => {
    await expect(check(schema, data)).rejects.toThrow(PayloadInvalidError);
  });
});

describe('checkData', () => {
  it('returns no promise if the schema needs none', () => {
    expect(checkData('Mail', z.string(), 'x')).toEqual({ output: 'x' });
    expect(
      checkData(
        'Mail',
        z.string().refine(async () => true),
        'x',
      ),
    ).toBeInstanceOf(Promise);
  });

  it('names three issues in its message, and counts the others', () => {
    const schema = z.object({ a: z.string(), b: z.string(), c: z.string(), d: z.string(), e: z.string() });
    const read = () => checkData('Mail', schema, {});
    expect(read).toThrow(/data\.a: .*; data\.b: .*; data\.c: .* \(and 2 more\)$/);
  });

  it('passes on what the schema throws', async () => {
    const failing = z.string().transform(() => {
      throw new RangeError('no');
    });
    await expect(check(failing, 'x')).rejects.toThrow(RangeError);
  });
});

describe('checksPush and checksAttempt', () => {
  it.each([
    [undefined, true, true],
    ['both', true, true],
    ['push', true, false],
    ['handle', false, true],
  ] as const)('with validate: %p say %p and %p', (validate, push, attempt) => {
    expect([checksPush({ schema: zod, validate }), checksAttempt({ schema: zod, validate })]).toEqual([push, attempt]);
    expect([checksPush({ validate }), checksAttempt({ validate })]).toEqual([false, false]);
  });
});
