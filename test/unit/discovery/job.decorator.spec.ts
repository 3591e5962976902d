import { expect, test } from '@jest/globals';
import { Inject, Injectable, Scope } from '@nestjs/common';
import { constructorDependencies } from '../../../lib/discovery/class-dependencies.js';
import { isJobClass, readJobMetadata } from '../../../lib/decorators/job.metadata.js';
import { Job } from '../../../lib/decorators/job.decorator.js';

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

test('@Job() leaves the dependencies of a class as they are, decorated as tsc does it', () => {
  class EmailJob {}
  const types = Reflect.metadata('design:paramtypes', [Date, String, Object, Number]);
  const parameter: ClassDecorator = (target) => Inject('URL')(target, undefined, 1);
  Reflect.decorate([Job(), Job(), parameter, types], EmailJob);
  const dependencies = constructorDependencies(EmailJob);
  expect(dependencies.map(({ token }) => token())).toEqual([Date, 'URL', Object, Number]);
  expect(dependencies.map(({ declared }) => declared)).toEqual([false, true, false, false]);
  const kept = Reflect.getMetadata('design:paramtypes', EmailJob) as unknown[];
  expect(kept.map((type) => typeof type)).toEqual(['function', 'function', 'object', 'object']);
});
