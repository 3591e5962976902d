import { defineJob } from 'nestjs-job-queue';

/** Welcomes a new contact. The service pushes this definition, so that it need not import the handler, which injects it. */
export const WelcomeContact = defineJob<{ email: string }, string | undefined>('welcome-contact', {
  queue: 'emails',
  maxTries: 5,
});
