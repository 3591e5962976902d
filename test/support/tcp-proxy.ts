import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.js';

/** What a proxy does to what passes through it. */
type Mode = 'pass' | 'drop-replies' | 'black-hole';

/**
 * A TCP proxy on the loopback interface whose network can be made bad by calls:
 *
 * - {@link dropReplies}: what clients send arrives, what the server answers does not;
 * - {@link loseReplyTo}: the same for one request, whose connection is cut then;
 * - {@link cutInReply}: a reply arrives in part, then the connection is cut;
 * - {@link blackHole}: nothing passes either way, and nobody is told (no FIN, no RST);
 * - {@link blackHoleAt}: the same for one connection;
 * - {@link refuse}: connections are cut and new ones refused;
 * - {@link delay}: everything takes longer.
 *
 * {@link pass} makes the network good again, for new connections; those that were in a black hole stay there.
 */
export class TcpProxy {
  readonly host = '127.0.0.1';
  /** How many connections were made so far. */
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

  /** How many connections are open. */
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
   * The next request that contains `text` reaches the server; of what the server sends on that connection from then on nothing
   * arrives, and the connection is cut. Resolves when that has happened, with what was sent.
   */
  loseReplyTo(text: string): Promise<Buffer> {
    return new Promise((lost) => {
      this.losses.add({ request: text, lost });
    });
  }

  /**
   * Makes a request, which contains `text`; its reply is lost, and no connection is possible until `meanwhile` is done.
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

  /** Of the next thing the server sends only so many bytes arrive, then the connection is cut. Resolves when it is. */
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
   * The next request that contains `text` falls into a black hole, and with it all that its connection carries from then on.
   * Resolves when that has happened.
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

  /** What passes takes so many milliseconds longer from now on. */
  delay(milliseconds: number): void {
    this.latency = milliseconds;
  }

  /** Ends the proxy, with all that is open. */
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

/** A client's connection, and the one to the server behind it. */
class Link {
  /** Nothing passes any more, and the other side is not told of it. */
  dead = false;
  /** Called when a reply was lost. */
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
