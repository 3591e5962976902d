import type { QueueModuleOptions } from 'nestjs-job-queue';

/** The limits of the queues, over all processes. */
export const QUEUE_LIMITS: QueueModuleOptions['queues'] = {
  // The e-mails of each customer are a group: nobody waits behind the newsletter of another customer.
  emails: { groups: { rateLimit: { max: 5, per: '1s' } } },
  // Each merchant is a group: one call at a time, and at most ten a second.
  webhooks: { groups: { concurrency: 1, rateLimit: { max: 10, per: '1s' } } },
};
