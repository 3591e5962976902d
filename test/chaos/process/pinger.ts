import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** The pause between two pings, in milliseconds. */
const EVERY_MS = 2;

export interface PingTimes {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Pings the servers on the given ports until a SIGTERM, then prints the response times of each. */
const clients = process.argv.slice(2).map((port) => new Redis(Number(port)));
const times = clients.map((): number[] => []);
const ending = new AbortController();
process.on('SIGTERM', () => ending.abort());
process.stdin.on('end', () => process.exit(3)).resume();
await Promise.all(clients.map((client) => client.ping()));
process.stdout.write('up\n');
while (!ending.signal.aborted) {
  for (const [i, client] of clients.entries()) {
    const sentAt = performance.now();
    await client.ping();
    times[i]!.push(performance.now() - sentAt);
  }
  await pause(EVERY_MS);
}
process.stdout.write(`${JSON.stringify(times.map(summarize))}\n`, () => process.exit(0));

function summarize(all: number[]): PingTimes {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)]!;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
