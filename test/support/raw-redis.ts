import { connect } from 'node:net';

const TIMEOUT_MS = 2_000;
const END = 'end-of-reply';
const END_REPLY = `$${END.length}\r\n${END}\r\n`;

/**
 * Sends one command over a socket of its own and resolves with the reply as it stands on the wire (RESP 2), such as
 * `+PONG`. For setting servers up, and for what a client library would hide.
 *
 * @throws when the server answers with an error or not at all
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
    // The reply to a second command shows where that to the first one ends.
    socket.write(encode(args) + encode(['PING', END]));
  });
}

/** The strings of a reply, flat: of an array its elements, of a string itself. */
export async function rawStrings(port: number, ...args: ReadonlyArray<string | number>): Promise<string[]> {
  const reply = await rawCommand(port, ...args);
  return reply.split('\r\n').filter((line) => line !== '' && !/^[*$]-?\d+$/.test(line));
}

function encode(args: ReadonlyArray<string | number>): string {
  const parts = args.map((arg) => `$${Buffer.byteLength(String(arg))}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join('')}`;
}
