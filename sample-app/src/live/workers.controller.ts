import { ConflictException, Controller, Delete, HttpCode, HttpStatus, Inject, Post } from '@nestjs/common';
import { RESOLVED_QUEUE_OPTIONS, type ResolvedQueueOptions } from 'nestjs-job-queue';
import { WorkerProcesses } from './worker-processes.js';

@Controller('live/workers')
export class WorkersController {
  constructor(
    private readonly processes: WorkerProcesses,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
  ) {}

  /** Starts a worker process for parcels. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  async start(): Promise<{ pid: number }> {
    if (this.options.driver !== 'redis') {
      throw new ConflictException('Jobs in memory are those of one process: QUEUE_DRIVER=redis npm start');
    }
    return { pid: await this.processes.start() };
  }

  /** Kills a worker process, as the kernel does when memory is short. Others take its jobs over once its lease has run out. */
  @Delete()
  kill(): { pid: number } {
    const pid = this.processes.kill();
    if (pid === undefined) throw new ConflictException('There is no worker process to kill: start one first');
    return { pid };
  }
}
