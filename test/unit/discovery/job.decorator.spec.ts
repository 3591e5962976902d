import { expect, test } from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import { isJobClass, readJobMetadata } from '../../../lib/decorators/job.metadata.js';
import { Job } from 'nestjs-job-queue';

test('@Job() stores its options on the class itself, and not on its subclasses', () => {
  @Job({ queue: 'emails', maxTries: 2 })
  class EmailJob {}
  @Job('short')
  class ShortJob {}
  @Job()
  class PlainJob {}
  class SubclassJob extends EmailJob {}
  expect(readJobMetadata(EmailJob)).toEqual({ queue: 'emails', maxTries: 2 });
  expect(readJobMetadata(ShortJob)).toBe('short');
  expect(readJobMetadata(PlainJob)).toEqual({});
  expect(readJobMetadata(SubclassJob)).toBeUndefined();
  expect([EmailJob, SubclassJob, 'EmailJob', undefined, new EmailJob()].map(isJobClass)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('@Job() keeps the scope that @Injectable() sets', () => {
  @Job()
  @Injectable({ scope: Scope.REQUEST })
  class AboveJob {}
  @Injectable({ scope: Scope.REQUEST })
  @Job()
  class BelowJob {}
  for (const type of [AboveJob, BelowJob]) {
    expect(Reflect.getMetadata('scope:options', type)).toEqual({ scope: Scope.REQUEST });
  }
});

test('@Job() makes the compiler emit the types of the constructor', () => {
  class Mailer {}
  @Job()
  class EmailJob {
    constructor(readonly mailer: Mailer) {}
  }
  expect(Reflect.getMetadata('design:paramtypes', EmailJob)).toEqual([Mailer]);
});
