import type { Clock, Timer } from '../../support/clock.js';

/** How long a connection is unused before it rests, in milliseconds. */
const IDLE = 1_000;

export interface RestingConnection {
  /** The milliseconds for which it has not been used; `undefined` if it is used. */
  idleFor(): number | undefined;
  /** Closes the connection until the next command. */
  rest(): void;
}

/** Lets a connection rest when it has not been used for a second, from {@link begin} to {@link end}. */
export class IdleRest {
  private isOn = false;
  private timer: Timer | undefined;

  constructor(
    private readonly connection: RestingConnection,
    private readonly clock: Clock,
  ) {}

  begin(): void {
    this.isOn = true;
    this.watch();
  }

  /** Has to be called when the connection is open again. While it rests, no timer keeps the process alive. */
  watch(): void {
    if (this.isOn) this.timer ??= this.clock.after(IDLE, this.look);
  }

  end(): void {
    this.isOn = false;
    this.timer?.cancel();
    this.timer = undefined;
  }

  private readonly look = (): void => {
    this.timer = undefined;
    const idle = this.connection.idleFor();
    if (idle !== undefined && idle >= IDLE) this.connection.rest();
    else this.watch();
  };
}
