import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { QueueAdmin, QueueManager } from 'nestjs-job-queue';
import type { Parcel } from './parcel.js';
import { PushParcelsDto } from './push-parcels.dto.js';
import { ShipParcelJob } from './ship-parcel.job.js';

const QUEUE = 'parcels';
/** How long a carrier is down, in milliseconds: longer than all tries of a job take. */
const OUTAGE = 20_000;

@Controller('parcels')
export class ParcelsController {
  constructor(
    private readonly queue: QueueManager,
    private readonly admin: QueueAdmin,
  ) {}

  /** Ships many parcels: one call stores all jobs. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  async ship(@Body() { count, carrierIsDown }: PushParcelsDto): Promise<{ pushed: number }> {
    const until = Date.now() + OUTAGE;
    const parcels = Array.from({ length: count }, (_, at): Parcel => {
      const number = at + 1;
      return carrierIsDown && number % 3 === 0 ? { number, carrierIsDownUntil: until } : { number };
    });
    return { pushed: (await this.queue.pushMany(ShipParcelJob, parcels)).length };
  }

  /** Puts back all parcels whose jobs have failed for good. */
  @Post('retry')
  @HttpCode(HttpStatus.ACCEPTED)
  async retry(): Promise<{ retried: number }> {
    return { retried: await this.admin.retryAll(QUEUE) };
  }

  /** Takes back all parcels that are not with their carrier yet. */
  @Post('cancel')
  @HttpCode(HttpStatus.ACCEPTED)
  async cancel(): Promise<{ cancelled: number }> {
    return { cancelled: await this.admin.cancelAll(QUEUE) };
  }
}
