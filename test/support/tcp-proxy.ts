import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.js';

/** What a proxy does with the data that it receives. */
type Mode = 'pass' | 'drop-replies' | 'black-hole';

/**
 * A TCP proxy on the loopback interface that simulates a bad network:
 *
 * - {@link dropReplies}: requests reach the server, its replies are dropped;
 * - {@link loseReplyTo}: drops the reply to one request, then cuts its connection;
 * - {@link cutInReply}: forwards a part of a reply, then cuts the connection;
 * - {@link blackHole}: drops everything in both directions without closing a connection (no FIN, no RST);
 * - {@link blackHoleAt}: does the same to one connection;
 * - {@link refuse}: cuts all connections and refuses new ones;
 * - {@link delay}: delays everything.
 *
 * {@link pass} makes the network good again for new connections. Connections in a black hole stay there.
 */
export class TcpProxy {
  readonly host = '127.0.0.1';
  /** The number of connections since the start. */
  accepted = 0;

  private readonly links = new Set<Link>();
  private readonly losses = new Set<{ request: string; lost: (sent: Buffer) => void }>();
  private readonly holes = new Set<{ request: string; swallowed: () => void }>();
  private readonly cuts = new Set<{ bytes: number; cut: () => void }>();
  private server: Server | undefined;
  private mode: Mode = 'pass';
  private latency = 0;

  private constructor(
    readonly port: number,
    private readonly target: { readonly host: string; readonly port: number },
  ) {}

  /** Starts a proxy in front of a server. */
  static async start(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(await freePort(), target);
    await proxy.listen();
    return proxy;
  }

  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  /** The number of open connections. */
  get open(): number {
    return this.links.size;
  }

  /** Makes the network good again. */
  async pass(): Promise<void> {
    this.mode = 'pass';
    this.latency = 0;
    if (!this.server) await this.listen();
  }

  dropReplies(): void {
    this.mode = 'drop-replies';
  }

  /**
   * Forwards the next request that contains `text`, drops the replies that follow on its connection, and cuts the
   * connection. Resolves with the request when the connection is cut.
   */
  loseReplyTo(text: string): Promise<Buffer> {
    return new Promise((lost) => {
      this.losses.add({ request: text, lost });
    });
  }

  /**
   * Makes a request that contains `text`, drops its reply, and refuses all connections until `meanwhile` has ended.
   */
  async loseReplyAnd<T>(request: () => Promise<T>, text: string, meanwhile: () => Promise<unknown>): Promise<T> {
    const lost = this.loseReplyTo(text);
    const answer = request();
    await Promise.race([lost, answer]);
    await this.refuse();
    await meanwhile();
    await this.pass();
    return answer;
  }

  /** Forwards only this number of bytes of the next reply, then cuts its connection. Resolves when the connection is cut. */
  cutInReply(bytes: number): Promise<void> {
    return new Promise((cut) => {
      this.cuts.add({ bytes, cut });
    });
  }

  blackHole(): void {
    this.mode = 'black-hole';
    for (const link of this.links) link.dead = true;
  }

  /**
   * Drops the next request that contains `text`, and everything after it on its connection. Resolves when the request is
   * dropped.
   */
  blackHoleAt(text: string): Promise<void> {
    return new Promise((swallowed) => {
      this.holes.add({ request: text, swallowed });
    });
  }

  /** Cuts every connection. */
  cut(): void {
    for (const link of this.links) link.cut();
  }

  /** Cuts every connection and refuses new ones. */
  async refuse(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = new Promise<void>((resolve) => {
      if (server) server.close(() => resolve());
      else resolve();
    });
    this.cut();
    await closed;
  }

  /** Delays all data by this number of milliseconds from now on. */
  delay(milliseconds: number): void {
    this.latency = milliseconds;
  }

  /** Ends the proxy and cuts its connections. */
  async stop(): Promise<void> {
    await this.refuse();
  }

  private async listen(): Promise<void> {
    const server = createServer((client) => this.accept(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, this.host, resolve);
    });
    this.server = server;
  }

  private accept(client: Socket): void {
    this.accepted++;
    const link = new Link(client, connect(this.target), () => this.links.delete(link));
    this.links.add(link);
    link.dead = this.mode === 'black-hole';
    client.on('data', (data: Buffer) => this.onRequest(link, data));
    link.server.on('data', (data: Buffer) => this.onReply(link, data));
  }

  private onRequest(link: Link, data: Buffer): void {
    if (link.dead) return;
    for (const hole of this.holes) {
      if (!data.includes(hole.request)) continue;
      this.holes.delete(hole);
      link.dead = true;
      hole.swallowed();
      return;
    }
    for (const loss of this.losses) {
      if (!data.includes(loss.request)) continue;
      this.losses.delete(loss);
      link.onLost = () => loss.lost(data);
    }
    this.send(link, link.server, data);
  }

  private onReply(link: Link, data: Buffer): void {
    if (link.dead || this.mode === 'drop-replies') return;
    if (link.onLost) {
      link.cut();
      link.onLost();
      return;
    }
    const [due] = this.cuts;
    if (!due) {
      this.send(link, link.client, data);
      return;
    }
    this.cuts.delete(due);
    link.dead = true;
    link.client.write(data.subarray(0, due.bytes), () => {
      link.cut();
      due.cut();
    });
  }

  private send(link: Link, to: Socket, data: Buffer): void {
    if (this.latency === 0) {
      to.write(data);
      return;
    }
    setTimeout(() => {
      if (!link.dead && to.writable) to.write(data);
    }, this.latency);
  }
}

/** The connection of a client, with the connection to the server behind it. */
class Link {
  /** True if the link drops everything, without closing the other side. */
  dead = false;
  /** Called when the reply to the marked request is dropped. */
  onLost: (() => void) | undefined;

  constructor(
    readonly client: Socket,
    readonly server: Socket,
    private readonly onClosed: () => void,
  ) {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (!this.dead) other.destroy();
        if (client.destroyed && server.destroyed) this.onClosed();
      });
    }
  }

  cut(): void {
    this.dead = true;
    this.client.destroy();
    this.server.destroy();
  }
}
