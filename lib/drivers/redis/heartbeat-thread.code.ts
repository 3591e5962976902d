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

/** The data that the thread gets at its start. */
export interface HeartbeatThreadData {
  /** Shared memory: a number that the main thread changes as long as it runs. */
  readonly pulse: SharedArrayBuffer;
  readonly source: string;
  readonly sha: string;
}

/** A lease to prolong while the main thread is silent. */
export interface HeartbeatLease {
  readonly key: number;
  /** The values of its script call: the number of keys, the keys, the arguments. */
  readonly words: readonly string[];
  /** The interval between two heartbeats, in milliseconds. */
  readonly every: number;
  /** The silence of the main thread after which the thread stops sending, in milliseconds. */
  readonly giveUpAfter: number;
}

/** The changes since the last message. */
export interface HeartbeatChanges {
  /** The interval at which the main thread changes the pulse, in milliseconds. */
  readonly interval: number;
  readonly server?: HeartbeatServer;
  readonly added: readonly HeartbeatLease[];
  /** The keys of leases. */
  readonly removed: readonly number[];
}

/**
 * The code of the thread. It stands in a string, like the scripts for Redis, because a bundled application would not
 * find a separate file. For the same reason it speaks the protocol without ioredis.
 *
 * It has one connection for each server, whatever the number of leases: the server may allow only a few. In a cluster
 * it learns from `MOVED` which node a lease belongs to. The heartbeats of a round go out in one write. The first of a
 * connection carries the script, the others its hash. Every reply is one line.
 */
export const HEARTBEAT_THREAD = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const net = require('node:net');
const tls = require('node:tls');

/** The part of an interval for which an answer may be owed, or an attempt to connect may last. */
const PATIENCE = 0.5;
/** How much longer it waits for a slow server, at the most. */
const SLOWEST = 4;
/** The most redirections of a heartbeat. */
const REDIRECTIONS = 5;

const pulse = new Int32Array(workerData.pulse);
const leases = new Map();
const links = new Map();

let checking;
let server;
let patience = Infinity;
/** Doubles with each connection that is given up, until an answer comes: a slow server needs more time than a lost one. */
let slowness = 1;
let lastPulse = Atomics.load(pulse, 0);
let lastChange = performance.now();

parentPort.on('message', (changes) => {
  for (const lease of changes.added) leases.set(lease.key, { ...lease, sentAt: -Infinity, target: undefined, hops: 0 });
  for (const key of changes.removed) leases.delete(key);
  patience = Infinity;
  for (const { every } of leases.values()) patience = Math.min(patience, every * PATIENCE);
  if (changes.server) {
    links.forEach(hangUp);
    server = changes.server;
    for (const lease of leases.values()) lease.target = undefined;
  }
  clearInterval(checking);
  checking = setInterval(check, changes.interval);
});

function check() {
  const now = performance.now();
  const value = Atomics.load(pulse, 0);
  if (value !== lastPulse) {
    lastPulse = value;
    lastChange = now;
    slowness = 1;
    links.forEach(hangUp);
    return;
  }
  if (!server) return;
  const silence = now - lastChange;
  // The server may have vanished without closing the socket: the lease survives the loss of one heartbeat.
  const late = [...links.values()].filter((link) => now - link.owedSince >= patience * slowness);
  late.forEach(hangUp);
  if (late.length > 0) slowness = Math.min(slowness * 2, SLOWEST);
  for (const lease of leases.values()) {
    const { every, giveUpAfter, sentAt } = lease;
    if (silence < every / 2 || silence > giveUpAfter || now - sentAt < every / 2) continue;
    lease.sentAt = now;
    lease.hops = 0;
    send(lease, linkTo(lease.target ?? server));
  }
  links.forEach(flush);
}

function linkTo(where) {
  const name = where.host + ' ' + where.port;
  let link = links.get(name);
  if (!link) links.set(name, (link = open(name, where)));
  return link;
}

function open(name, where) {
  const address = server.path ? { path: server.path } : { host: where.host, port: where.port };
  const socket = server.tls ? tls.connect({ ...address, ...server.tls }) : net.connect(address);
  // 'sent' has a lease for each heartbeat without an answer, and null for each other command.
  const link = { name, where, socket, sent: [], unsent: '', rest: '', knowsScript: false, owedSince: performance.now() };
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.on('connect', () => (link.owedSince = performance.now()));
  socket.on('error', () => {
    for (const lease of leases.values()) {
      if (lease.target?.host === where.host && lease.target.port === where.port) lease.target = undefined;
    }
  });
  socket.on('close', () => hangUp(link));
  socket.on('data', (text) => read(link, text));
  if (server.password) {
    write(link, null, server.username ? ['AUTH', server.username, server.password] : ['AUTH', server.password]);
  }
  if (server.db) write(link, null, ['SELECT', String(server.db)]);
  return link;
}

function send(lease, link) {
  const script = link.knowsScript ? ['EVALSHA', workerData.sha] : ['EVAL', workerData.source];
  link.knowsScript = true;
  write(link, lease, [...script, ...lease.words]);
}

function write(link, lease, words) {
  link.owedSince = Math.min(link.owedSince, performance.now());
  link.sent.push(lease);
  link.unsent += encode(words);
}

function flush(link) {
  if (link.unsent !== '') link.socket.write(link.unsent);
  link.unsent = '';
}

function read(link, text) {
  slowness = 1;
  const lines = (link.rest + text).split('\\r\\n');
  link.rest = lines.pop();
  for (const line of lines) {
    const lease = link.sent.shift();
    if (lease) answered(lease, link, line);
  }
  link.owedSince = link.sent.length > 0 ? performance.now() : Infinity;
  links.forEach(flush);
}

function answered(lease, link, line) {
  if (line.startsWith('-NOSCRIPT')) {
    link.knowsScript = false;
    send(lease, link);
    return;
  }
  const moved = /^-MOVED \\d+ (.*):(\\d+)/.exec(line);
  if (!moved || lease.hops++ >= REDIRECTIONS) return;
  const next = linkTo({ host: moved[1] || link.where.host, port: Number(moved[2]) });
  lease.target = next.where;
  send(lease, next);
}

function hangUp(link) {
  // Another connection may have its name by now.
  if (links.get(link.name) === link) links.delete(link.name);
  for (const lease of link.sent.splice(0)) if (lease) lease.sentAt = -Infinity;
  link.socket.destroy();
}

function encode(words) {
  let text = '*' + words.length + '\\r\\n';
  for (const word of words) text += '$' + Buffer.byteLength(word) + '\\r\\n' + word + '\\r\\n';
  return text;
}
`;
