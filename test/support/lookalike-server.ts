import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.js';

/** The reply of a server to a command, as text of the protocol; `null` to close the connection without a reply. */
export type Replies = (command: string, words: readonly string[]) => string | null | undefined;

const INFO =
  '# Server\r\nredis_version:7.2.4\r\nredis_mode:standalone\r\nloading:0\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n';

/** What a real server says to the commands that the start sends. */
const REAL: Readonly<Record<string, string>> = {
  hello: '%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n',
  info: `$${INFO.length}\r\n${INFO}\r\n`,
  evalsha: '-NOSCRIPT No matching script.\r\n',
  eval: ':0\r\n',
  bzpopmin: '*-1\r\n',
};

/** A server on the loopback interface that speaks the protocol of Redis, and lacks what a test takes away. */
export class LookalikeServer {
  readonly host = '127.0.0.1';
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  /** @param replies replies in place of those of a real server; `undefined` to reply as a real server does */
  static async start(replies: Replies): Promise<LookalikeServer> {
    const port = await freePort();
    const server = createServer();
    const lookalike = new LookalikeServer(port, server);
    server.on('connection', (socket) => lookalike.serve(socket, replies));
    await new Promise<void>((resolve) => server.listen(port, lookalike.host, resolve));
    return lookalike;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket, replies: Replies): void {
    let text = '';
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    socket.setEncoding('utf8').on('data', (data: string) => {
      text += data;
      for (let words = readCommand(text); words; words = readCommand(text)) {
        text = text.slice(words.length);
        const name = words.words[0]!.toLowerCase();
        const given = replies(name, words.words);
        if (given === null) return void socket.destroy();
        socket.write(given ?? REAL[name] ?? '+OK\r\n');
      }
    });
  }
}

/** The reply of a server that does not know a command. */
export function unknownCommand(command: string): string {
  return `-ERR unknown command '${command}'\r\n`;
}

/** Reads the first command of a text, if all of it has arrived. The words of these tests are ASCII. */
function readCommand(text: string): { words: string[]; length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) return undefined;
  let at = head[0].length;
  const words: string[] = [];
  for (let left = Number(head[1]); left > 0; left--) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (!size) return undefined;
    at += size[0].length;
    const end = at + Number(size[1]);
    if (text.length < end + 2) return undefined;
    words.push(text.slice(at, end));
    at = end + 2;
  }
  return { words, length: at };
}
