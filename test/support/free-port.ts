import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Ports below the range of outgoing connections, and low enough for the bus port of a cluster node. */
const LOWEST = 12_000;
const HIGHEST = 30_000;
/** The distance from the port of a cluster node to its bus port. */
const BUS_OFFSET = 10_000;

/** Finds a free port of the loopback interface whose bus port is free too. No outgoing connection gets such a port. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(LOWEST, HIGHEST);
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port;
  }
  throw new Error(`No free port found between ${LOWEST} and ${HIGHEST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
