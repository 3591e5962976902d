import {
  type CanActivate,
  Controller,
  Delete,
  type ExecutionContext,
  Get,
  Injectable,
  NotFoundException,
  Param,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { QueueAdmin, type JobDetails, type ListedState } from 'nestjs-job-queue';

const STATES: readonly ListedState[] = ['queued', 'delayed', 'processing', 'retrying', 'failed', 'blocked'];
const MOST = 5_000;

@Injectable()
export class OperatorGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<IncomingMessage>().headers['x-role'] === 'admin';
  }
}

interface Removed {
  readonly removed: number;
}

/** The actions of an operator on the jobs of all queues. */
@Controller('admin/jobs')
@UseGuards(OperatorGuard)
export class OperatorController {
  constructor(private readonly admin: QueueAdmin) {}

  /** Lists jobs of all queues, in some states (`?states=failed,delayed`) or in all. */
  @Get()
  async list(@Query('states') states?: string): Promise<JobDetails[]> {
    const wanted = states ? (states.split(',') as ListedState[]) : STATES;
    const found: JobDetails[] = [];
    for (const { name } of await this.admin.queues()) {
      let cursor: string | undefined;
      do {
        const page = await this.admin.jobs(name, wanted, { limit: 500, ...(cursor !== undefined && { cursor }) });
        found.push(...page.jobs);
        cursor = page.cursor;
      } while (cursor !== undefined && found.length < MOST);
    }
    return found.slice(0, MOST);
  }

  @Delete(':id')
  async remove(@Param('id') id: string): Promise<void> {
    if ((await this.admin.remove(id)) === 0) throw new NotFoundException(`No job ${id} to remove`);
  }

  /** Lets a delayed job run now. */
  @Post(':id/run')
  async run(@Param('id') id: string): Promise<void> {
    if (!(await this.admin.promote(id))) throw new NotFoundException(`No job ${id} waits for its time`);
  }

  /** Removes the jobs of a queue that are in one state. */
  @Delete('of/:queue')
  async clean(@Param('queue') queue: string, @Query('state') state: 'queued' | 'delayed' | 'failed'): Promise<Removed> {
    return { removed: await this.admin.clear(queue, { states: [state] }) };
  }
}
