/** A process that listens to the events of all processes, and writes each of them as a line. */
import { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { QueueEvents } from '../../../../lib/events/queue-events.js';
import { resolveOptions } from '../../../../lib/options/options.resolver.js';
import { systemClock } from '../../../../lib/support/clock.js';
import { createQueueLogger } from '../../../../lib/support/queue-logger.js';

interface Orders {
  readonly url: string;
  /** The last event that was handled. */
  readonly cursor?: string;
}

const { url, cursor } = JSON.parse(process.argv[2]!) as Orders;
const options = resolveOptions({ driver: 'redis', redis: { url }, events: { everywhere: true } }, {});
const driver = new RedisDriver({ redis: options.redis, statusTtl: 60, clock: systemClock });
await driver.connect();
const events = new QueueEvents(createQueueLogger(false, 'Queue'), options, driver, systemClock);
const source = cursor === undefined ? events.all$ : events.since(cursor);
source.subscribe((event) => {
  const id = 'id' in event ? event.id : '';
  process.stdout.write(`${JSON.stringify({ cursor: event.cursor, type: event.type, id })}\n`);
});
await events.ready();
process.stdout.write('{"type":"ready"}\n');
