import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { ConnectionLinks } from '../../../../lib/drivers/redis/connection-links.js';
import type { RedisClient } from '../../../../lib/drivers/redis/redis-clients.js';

class FakeNode extends EventEmitter {
  readonly isCluster: boolean = false;
  status = 'connecting';
  constructor(readonly options = { host: '10.0.0.1', port: 7000 }) {
    super();
  }
  /** Changes its status as ioredis does, and says so. */
  become(status: 'ready' | 'close'): void {
    this.status = status;
    this.emit(status);
  }
}

class FakeCluster extends FakeNode {
  override readonly isCluster = true;
  readonly known: FakeNode[] = [];
  nodes(): FakeNode[] {
    return this.known;
  }
}

function follow(client: FakeNode): { links: ConnectionLinks; reports: string[] } {
  const reports: string[] = [];
  const links = new ConnectionLinks(
    client as unknown as RedisClient,
    'the server',
    (name) => reports.push(`lost ${name}`),
    (name) => reports.push(`back ${name}`),
  );
  return { links, reports };
}

describe('ConnectionLinks', () => {
  describe('of one server', () => {
    it('reports one loss and one return, however often the client tries to connect in between', () => {
      const client = new FakeNode();
      const { reports } = follow(client);
      client.become('ready');
      client.become('close');
      client.become('close');
      client.become('close');
      client.become('ready');
      expect(reports).toEqual(['lost the server', 'back the server']);
    });

    it('reports no loss of a client that never was ready', () => {
      const client = new FakeNode();
      const { reports } = follow(client);
      client.become('close');
      client.become('ready');
      expect(reports).toEqual([]);
    });

    it('reports the first loss of a client that was ready before', () => {
      const client = new FakeNode();
      client.become('ready');
      const { reports } = follow(client);
      client.become('close');
      expect(reports).toEqual(['lost the server']);
    });

    it('removes its listeners when it is closed', () => {
      const client = new FakeNode();
      const { links, reports } = follow(client);
      client.become('ready');
      links.close();
      client.become('close');
      expect(reports).toEqual([]);
      expect(client.eventNames()).toEqual([]);
    });
  });

  describe('of a cluster', () => {
    const NAME = 'Node 10.0.0.1:7000 of the Redis Cluster';

    it('reports each node by its name, also a node that ioredis connects anew', () => {
      const cluster = new FakeCluster();
      const { reports } = follow(cluster);
      const node = new FakeNode();
      cluster.emit('+node', node);
      node.become('ready');
      node.become('close');
      cluster.emit('-node', node);
      const next = new FakeNode();
      cluster.emit('+node', next);
      next.become('ready');
      expect(reports).toEqual([`lost ${NAME}`, `back ${NAME}`]);
    });

    it('reports the loss of a node that is dropped before its connection is closed', () => {
      const cluster = new FakeCluster();
      const { reports } = follow(cluster);
      const node = new FakeNode();
      cluster.emit('+node', node);
      node.become('ready');
      cluster.emit('-node', node);
      node.become('close');
      expect(reports).toEqual([`lost ${NAME}`]);
    });

    it('follows the nodes that the client knows already, and leaves no listener on them', () => {
      const cluster = new FakeCluster();
      const node = new FakeNode();
      node.become('ready');
      cluster.known.push(node);
      const { links, reports } = follow(cluster);
      node.become('close');
      expect(reports).toEqual([`lost ${NAME}`]);
      links.close();
      expect([...cluster.eventNames(), ...node.eventNames()]).toEqual([]);
    });
  });
});
