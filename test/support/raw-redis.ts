import { connect } from 'node:net';

const TIMEOUT_MS = 2_000;
const END = 'end-of-reply';
const END_REPLY = `$${END.length}\r\n${END}\r\n`;

/**
 * Sends one command over a new socket and resolves with the raw reply (RESP 2), such as `+PONG`. Use it to set up servers,
 * and to see replies that a client library changes.
 *
 * @throws Error if the server replies with an error, or sends no reply within 2 s
 */
export function rawCommand(port: number, ...args: ReadonlyArray<string | number>): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let replies = '';
    socket.setEncoding('utf8').setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no reply to ${args[0]}`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`connection closed before the reply to ${args[0]}`)));
    socket.on('data', (chunk: string) => {
      replies += chunk;
      if (replies.startsWith('-') && replies.includes('\r\n')) reject(new Error(replies.slice(1).split('\r\n')[0]));
      else if (replies.endsWith(END_REPLY)) resolve(replies.slice(0, -END_REPLY.length).trimEnd());
      else return;
      socket.destroy();
    });
    // The reply to this second command marks the end of the first reply.
    socket.write(encode(args) + encode(['PING', END]));
  });
}

/** Sends one command and resolves with the strings of its reply: the elements of an array, or a single string. */
export async function rawStrings(port: number, ...args: ReadonlyArray<string | number>): Promise<string[]> {
  const reply = await rawCommand(port, ...args);
  return reply.split('\r\n').filter((line) => line !== '' && !/^[*$]-?\d+$/.test(line));
}

function encode(args: ReadonlyArray<string | number>): string {
  const parts = args.map((arg) => `$${Buffer.byteLength(String(arg))}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join('')}`;
}
