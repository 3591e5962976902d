import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { defineJob, QueueManager, QueueModule, type TransactionSource } from 'nestjs-job-queue';
import { DataSource, EntitySchema, type EntityManager } from 'typeorm';
import { RunnableExamples } from './run-examples.js';

interface OrmTransactions extends TransactionSource {
  run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
}

const Order = new EntitySchema<{ id: number; product: string }>({
  name: 'Order',
  columns: { id: { type: Number, primary: true, generated: true }, product: { type: String } },
});

const ShipOrder = defineJob<string>('ship-order-of-database');

/** The class of the document, on a SQLite database in memory. */
describe('the transactions of TypeORM', () => {
  const examples = new RunnableExamples();
  let database: DataSource;
  let transactions: OrmTransactions;
  let app: TestingModule;
  let queue: QueueManager;

  beforeEach(async () => {
    database = await new DataSource({ type: 'sqljs', entities: [Order], synchronize: true }).initialize();
    const { OrmTransactions: Class } = await examples.load<{
      OrmTransactions: new (dataSource: DataSource) => OrmTransactions;
    }>('orm-transactions');
    transactions = new Class(database);
    const forRoot = QueueModule.forRoot({
      driver: 'array',
      worker: false,
      logger: false,
      transactions,
      afterCommit: true,
    });
    app = await Test.createTestingModule({ imports: [forRoot] }).compile();
    await app.init();
    queue = app.get(QueueManager);
  });

  afterEach(async () => {
    await app.close();
    await database.destroy();
  });

  /** Writes an order and pushes its job, as one service does that knows nothing of transactions. */
  async function order(manager: EntityManager, product: string): Promise<void> {
    await manager.insert(Order, { product });
    await queue.push(ShipOrder, product);
  }

  async function expectBoth(products: readonly string[]): Promise<void> {
    const rows = await database.manager.find(Order, { order: { id: 'ASC' } });
    expect(rows.map(({ product }) => product)).toEqual(products);
    const jobs = [];
    for (let job = await queue.pop<string>(); job; job = await queue.pop<string>()) {
      jobs.push(job.data);
      await job.complete();
    }
    expect(jobs).toEqual(products);
  }

  it('store the jobs once they are committed', async () => {
    await transactions.run(async (manager) => {
      await order(manager, 'a book');
      await order(manager, 'a pen');
      expect(await queue.counts()).toMatchObject({ ready: 0 });
    });
    await expectBoth(['a book', 'a pen']);
  });

  it('store nothing if they are rolled back', async () => {
    const failing = transactions.run(async (manager) => {
      await order(manager, 'a book');
      throw new Error('no money');
    });
    await expect(failing).rejects.toThrow('no money');
    await expectBoth([]);
  });

  it('store a job of a nested one with the outermost commit, and none of a savepoint that is rolled back', async () => {
    await transactions.run(async (manager) => {
      await order(manager, 'a book');
      await transactions.run((inner) => order(inner, 'a pen'));
      expect(await queue.counts()).toMatchObject({ ready: 0 });
      const failing = transactions.run(async (inner) => {
        await order(inner, 'a car');
        await transactions.run((innermost) => order(innermost, 'a house'));
        throw new Error('no money');
      });
      await expect(failing).rejects.toThrow('no money');
    });
    await expectBoth(['a book', 'a pen']);
  });

  it('store nothing of a nested one if the outermost one is rolled back', async () => {
    const failing = transactions.run(async (manager) => {
      await transactions.run((inner) => order(inner, 'a pen'));
      await order(manager, 'a book');
      throw new Error('no money');
    });
    await expect(failing).rejects.toThrow('no money');
    await expectBoth([]);
  });

  it('let a push outside of them go at once', async () => {
    await order(database.manager, 'a book');
    await expectBoth(['a book']);
    const { outcome } = await queue.dispatch(ShipOrder, 'another');
    expect(outcome).toBe('queued');
  });

  it('need no source inside of deferPushes(), which takes part in a rollback and in a commit', async () => {
    const place = (product: string, isGood: boolean): Promise<void> =>
      queue.deferPushes(() =>
        database.transaction(async (manager) => {
          const { ready } = await queue.counts();
          await order(manager, product);
          expect(await queue.counts()).toMatchObject({ ready });
          if (!isGood) throw new Error('no money');
        }),
      );
    await place('a book', true);
    await expect(place('a pen', false)).rejects.toThrow('no money');
    await expectBoth(['a book']);
  });
});
