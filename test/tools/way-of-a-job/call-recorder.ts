import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** Counts the calls of all functions of this process with V8's precise coverage. */
export class CallRecorder {
  private readonly session = new Session();

  async start(): Promise<void> {
    this.session.connect();
    await this.session.post('Profiler.enable');
    await this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** Returns the calls since the last time, or since the start, and counts from zero again. */
  async take(): Promise<Profiler.ScriptCoverage[]> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    return result;
  }

  stop(): void {
    this.session.disconnect();
  }
}
