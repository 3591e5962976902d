import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A mail server for tests that accepts and keeps every message. */
export interface SmtpServer {
  readonly url: string;
  readonly messages: string[];
  close(): Promise<void>;
}

const ANSWERS: Readonly<Record<string, string>> = { DATA: '354 go on', QUIT: '221 bye' };
const END_OF_MESSAGE = '\r\n.\r\n';

export async function startSmtpServer(): Promise<SmtpServer> {
  const messages: string[] = [];
  const server: Server = createServer((socket) => serve(socket, messages)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(socket: Socket, messages: string[]): void {
  let received = '';
  let inMessage = false;
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
    for (;;) {
      const end = received.indexOf(inMessage ? END_OF_MESSAGE : '\r\n');
      if (end < 0) return;
      const part = received.slice(0, end);
      received = received.slice(end + (inMessage ? END_OF_MESSAGE.length : 2));
      if (inMessage) messages.push(part);
      inMessage = !inMessage && part === 'DATA';
      say(ANSWERS[part] ?? '250 ok');
      if (part === 'QUIT') socket.end();
    }
  });
  say('220 ready');
}
