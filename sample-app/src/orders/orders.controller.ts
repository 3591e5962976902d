import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { QueueManager } from 'nestjs-job-queue';
import { accepted, type AcceptedJob } from '../common/accepted-job.js';
import { NotifyMerchantJob } from './notify-merchant.job.js';
import { OrderDto } from './order.dto.js';

@Controller('orders')
export class OrdersController {
  constructor(private readonly queue: QueueManager) {}

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  async order(@Body() { merchant, total }: OrderDto): Promise<AcceptedJob> {
    return accepted(await this.queue.push(NotifyMerchantJob, { id: randomUUID(), merchant, total }));
  }
}
