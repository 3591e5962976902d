import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorMessage, toError } from '../support/error-text.js';
import { CommandError, EXIT } from './command-error.js';

/** The questions of the probes. */
export interface Probed {
  /** Whether the process need not be started again. */
  isAlive(): boolean | Promise<boolean>;
  /** The state of the queue, as JSON; `status` is `up` or `down`. */
  state(): Promise<{ readonly status: string }>;
}

/** The paths of the probes: also under the names that Kubernetes gives to its own. */
const PROBES: ReadonlyMap<string, 'live' | 'ready'> = new Map([
  ...['/live', '/livez', '/health', '/healthz', '/'].map((path) => [path, 'live'] as const),
  ...['/ready', '/readyz'].map((path) => [path, 'ready'] as const),
]);

const STARTING: Probed = {
  isAlive: () => true,
  state: () => Promise.resolve({ status: 'down', message: 'The application is starting' }),
};

/**
 * Answers probes over HTTP: `GET /live` with 200, or 503 if the process has to be started again; `GET /ready` with 200, or 503 if the
 * storage does not answer. Both tell why as JSON. It listens before the application boots: a process that waits for its Redis is alive.
 */
export class HealthServer {
  private probed = STARTING;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** @throws CommandError if the port cannot be opened */
  async listen(port: number): Promise<void> {
    this.server.listen(port);
    try {
      await once(this.server, 'listening');
    } catch (cause) {
      const message = `--health-port ${port} cannot be opened: ${errorMessage(toError(cause))}`;
      throw new CommandError(message, EXIT.failure, { cause });
    }
  }

  /** Begins to ask the application. */
  serve(probed: Probed): void {
    this.probed = probed;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer({ url = '', method }: IncomingMessage, response: ServerResponse): Promise<void> {
    const probe = PROBES.get(url.replace(/[?#].*$/s, ''));
    if (method !== 'GET' && method !== 'HEAD') return send(response, 405, { message: 'Ask with GET' });
    if (probe === 'live') {
      const isAlive = await this.probed.isAlive();
      return send(response, isAlive ? 200 : 503, { status: isAlive ? 'up' : 'down' });
    }
    if (probe !== 'ready') return send(response, 404, { message: 'Known are /live and /ready' });
    const state = await this.probed.state();
    send(response, state.status === 'up' ? 200 : 503, state);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
