import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { QueueModuleOptions, TransactionSource } from 'nestjs-job-queue';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { QueueConnectionError } from '../../../lib/queue.errors.js';
import { BulkJob, ManagerScene } from '../dispatch/manager-scene.js';

type Callback = () => Promise<void>;

/** Transactions without a database. */
class FakeTransactions implements TransactionSource {
  private readonly current = new AsyncLocalStorage<Callback[]>();

  isActive(): boolean {
    return this.current.getStore() !== undefined;
  }

  onCommit(callback: Callback): void {
    this.current.getStore()!.push(callback);
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const callbacks: Callback[] = [];
    const result = await this.current.run(callbacks, work);
    await Promise.all(callbacks.map((callback) => callback()));
    return result;
  }
}

let scene: ManagerScene;
let transactions: FakeTransactions;

afterEach(() => scene.close());

function open(options: QueueModuleOptions = {}): ManagerScene {
  transactions = new FakeTransactions();
  scene = new ManagerScene({ transactions, ...options });
  return scene;
}

const bodies = async (): Promise<string[]> => (await scene.claim()).map(({ body }) => body.split('\n')[1]!);

describe('a push with afterCommit', () => {
  it('is stored once the transaction is committed, together with the others', async () => {
    const { manager, driver } = open();
    const push = jest.spyOn(driver, 'push');
    await transactions.run(async () => {
      expect(await manager.dispatch(BulkJob, 1, { afterCommit: true })).toMatchObject({ outcome: 'deferred' });
      expect(await manager.dispatchMany(BulkJob, [2, 3], { afterCommit: true })).toMatchObject([
        { outcome: 'deferred' },
        { outcome: 'deferred' },
      ]);
      await Promise.resolve();
      expect(push).not.toHaveBeenCalled();
    });
    expect(push).toHaveBeenCalledTimes(1);
    expect(await bodies()).toEqual(['1', '2', '3']);
  });

  it('is never stored if the transaction is rolled back', async () => {
    const { manager } = open({ afterCommit: true });
    const rolledBack = transactions.run(async () => {
      await manager.push(BulkJob, 1);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    expect(await manager.counts()).toMatchObject({ ready: 0 });
  });

  it('is stored at once without a transaction, and without the option', async () => {
    const { manager } = open();
    expect(await manager.dispatch(BulkJob, 1, { afterCommit: true })).toMatchObject({ outcome: 'queued' });
    await transactions.run(async () => {
      expect(await manager.dispatch(BulkJob, 2)).toMatchObject({ outcome: 'queued' });
    });
    expect(await bodies()).toEqual(['1', '2']);
  });

  it('is the default with the option of the module, which a push may beat', async () => {
    const { manager } = open({ afterCommit: true });
    await transactions.run(async () => {
      expect(await manager.dispatch(BulkJob, 1)).toMatchObject({ outcome: 'deferred' });
      expect(await manager.dispatch(BulkJob, 2, { afterCommit: false })).toMatchObject({ outcome: 'queued' });
      expect(await manager.dispatchMany(BulkJob, [3])).toMatchObject([{ outcome: 'deferred' }]);
      expect(await manager.dispatch(BulkJob, 4, { delay: 60 })).toMatchObject({ outcome: 'deferred' });
    });
    expect(await bodies()).toEqual(['2', '1', '3']);
    expect(await manager.counts()).toMatchObject({ delayed: 1 });
  });

  it('does not fail the caller of a committed transaction if it cannot be stored, and is logged', async () => {
    const { manager, driver } = open({ afterCommit: true });
    jest.spyOn(driver, 'push').mockRejectedValue(new QueueConnectionError('Away'));
    const id = await transactions.run(() => manager.push(BulkJob, 1));
    expect(scene.messages).toEqual([`Jobs ${id} may not be stored, after the commit: Away`]);
  });

  it('in deferPushes() waits for both: a commit inside of it adds to its pushes', async () => {
    const { manager } = open({ afterCommit: true });
    await manager.deferPushes(async () => {
      await transactions.run(() => manager.push(BulkJob, 1));
      expect(await manager.counts()).toMatchObject({ ready: 0 });
    });
    expect(await bodies()).toEqual(['1']);
    const failing = manager.deferPushes(async () => {
      await transactions.run(() => manager.push(BulkJob, 2));
      throw new Error('after the commit');
    });
    await expect(failing).rejects.toThrow('after the commit');
    await transactions.run(async () => {
      const dropped = manager.deferPushes(async () => {
        await manager.push(BulkJob, 3);
        throw new Error('inside');
      });
      await expect(dropped).rejects.toThrow('inside');
      await manager.deferPushes(() => manager.push(BulkJob, 4));
      expect(await manager.counts()).toMatchObject({ ready: 0 });
    });
    expect(await bodies()).toEqual(['4']);
  });

  it('cannot be waited for in the transaction', async () => {
    const { manager } = open({ afterCommit: true });
    await transactions.run(async () => {
      const pushing = manager.pushAndWait(BulkJob, 1, { timeout: 60 });
      await expect(pushing).rejects.toMatchObject({ code: 'ERR_JOB_NOT_FOUND' });
      const waiting = manager.waitFor(await manager.push(BulkJob, 2), { timeout: 60 });
      await expect(waiting).rejects.toMatchObject({ code: 'ERR_JOB_NOT_FOUND' });
    });
  });
});

describe('the option afterCommit', () => {
  it('needs the option transactions, of the module and of a push', async () => {
    expect(() => resolveOptions({ afterCommit: true }, {})).toThrow(
      'Option "afterCommit": expected the option "transactions" beside it, got true',
    );
    expect(() => resolveOptions({ transactions: {} as never }, {})).toThrow(
      /"transactions": expected an object with isActive\(\), onCommit\(\)/,
    );
    scene = new ManagerScene();
    await expect(scene.manager.push(BulkJob, 1, { afterCommit: true })).rejects.toThrow(
      /"push options.afterCommit": expected the option "transactions" of the module/,
    );
    await expect(scene.manager.push(BulkJob, 1, { afterCommit: 'yes' as never })).rejects.toThrow(/true or false/);
  });
});
