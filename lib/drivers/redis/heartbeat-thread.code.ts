/** The server that the thread connects to. */
export interface HeartbeatServer {
  readonly host: string;
  readonly port: number;
  readonly path?: string;
  readonly tls?: object;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
}

/** A command to send while the main thread is silent. */
export interface HeartbeatCommand {
  readonly words: readonly string[];
  /** The interval between two sends, in milliseconds. */
  readonly every: number;
  /** The silence of the main thread after which the thread stops sending, in milliseconds. */
  readonly giveUpAfter: number;
}

/**
 * The code of the thread. It stands in a string, like the scripts for Redis, because a bundled application would not
 * find a separate file. For the same reason it speaks the protocol without ioredis. Each command has its own
 * connection, which follows `MOVED`: the leases of a process may be on different nodes of a cluster.
 */
export const HEARTBEAT_THREAD = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const net = require('node:net');
const tls = require('node:tls');

/** The part of an interval for which an answer may be owed, or an attempt to connect may last. */
const PATIENCE = 0.5;

const pulse = new Int32Array(workerData);

let checking;
let server;
let links = [];
let lastPulse = Atomics.load(pulse, 0);
let lastChange = performance.now();

parentPort.on('message', (message) => {
  links.forEach(hangUp);
  server = message.server;
  links = message.commands.map((command) => ({ command, sentAt: -Infinity, owedSince: Infinity }));
  clearInterval(checking);
  checking = setInterval(check, message.interval);
});

function check() {
  const now = performance.now();
  const value = Atomics.load(pulse, 0);
  if (value !== lastPulse) {
    lastPulse = value;
    lastChange = now;
    links.forEach(hangUp);
    return;
  }
  const silence = now - lastChange;
  for (const link of links) {
    const { every, giveUpAfter } = link.command;
    // The server may have vanished without closing the socket: the lease survives the loss of one heartbeat.
    if (now - link.owedSince >= every * PATIENCE) hangUp(link);
    if (silence < every / 2 || silence > giveUpAfter || now - link.sentAt < every / 2) continue;
    link.sentAt = now;
    link.owedSince = Math.min(link.owedSince, now);
    link.socket ??= connect(link);
    link.socket.write(encode(link.command.words));
  }
}

function connect(link) {
  const where = link.target ?? server;
  const options = server.path ? { path: server.path } : { host: where.host, port: where.port };
  const opened = server.tls ? tls.connect({ ...options, ...server.tls }) : net.connect(options);
  opened.setNoDelay(true);
  opened.on('connect', () => {
    if (link.socket === opened) link.owedSince = performance.now();
  });
  opened.on('error', () => {
    link.target = undefined;
  });
  opened.on('close', () => {
    if (link.socket === opened) hangUp(link);
  });
  opened.setEncoding('latin1');
  opened.on('data', (text) => {
    if (link.socket === opened) link.owedSince = Infinity;
    const moved = /-MOVED \\d+ (.*):(\\d+)/.exec(text);
    if (!moved) return;
    link.target = { host: moved[1] || where.host, port: Number(moved[2]) };
    hangUp(link);
  });
  if (server.password) {
    opened.write(encode(server.username ? ['AUTH', server.username, server.password] : ['AUTH', server.password]));
  }
  if (server.db) opened.write(encode(['SELECT', String(server.db)]));
  return opened;
}

function hangUp(link) {
  const closing = link.socket;
  link.socket = undefined;
  link.sentAt = -Infinity;
  link.owedSince = Infinity;
  closing?.destroy();
}

function encode(words) {
  let text = '*' + words.length + '\\r\\n';
  for (const word of words) text += '$' + Buffer.byteLength(word) + '\\r\\n' + word + '\\r\\n';
  return text;
}
`;
