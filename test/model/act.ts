import type { AsyncCommand } from 'fast-check';
import type { Model } from './model.js';
import type { Subject } from './subject.interface.js';

export type ModelCommand = AsyncCommand<Model, Subject, true>;

/** An event that acts on the model and the storage alike. It can act in any state. */
export class Act implements ModelCommand {
  /** The number of acts that this process has run. */
  static done = 0;

  constructor(
    private readonly name: string,
    private readonly wish: object,
    private readonly act: (model: Model, subject: Subject) => Promise<unknown>,
  ) {}

  async check(): Promise<boolean> {
    return true;
  }

  async run(model: Model, subject: Subject): Promise<void> {
    Act.done++;
    await this.act(model, subject);
  }

  toString(): string {
    return `${this.name} ${JSON.stringify(this.wish)}`;
  }
}
