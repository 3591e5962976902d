import { describe, expect, it } from '@jest/globals';
import { Transform } from 'class-transformer';
import { IsString } from 'class-validator';
import { classSchema } from '../../../lib/validation/class-schema.js';

class Dto {
  @IsString()
  @Transform(({ value }) => (typeof value === 'string' ? value.trim() : (value as unknown)))
  name!: string;
}

describe('classSchema', () => {
  it('makes an instance, with the transformations of the class', async () => {
    const result = await classSchema(Dto)['~standard'].validate({ name: ' ada ', other: 1 });
    expect(result).toEqual({ value: { name: 'ada', other: 1 } });
    expect((result as { value: unknown }).value).toBeInstanceOf(Dto);
  });

  it('takes the options of both packages', async () => {
    const schema = classSchema(Dto, {
      validator: { whitelist: true, forbidNonWhitelisted: true },
      transformer: { excludePrefixes: ['_'] },
    });
    expect(await schema['~standard'].validate({ name: 'ada', _own: 1 })).toEqual({ value: { name: 'ada' } });
    expect(await schema['~standard'].validate({ name: 'ada', other: 1 })).toMatchObject({
      issues: [{ path: ['other'] }],
    });
  });
});
