import { Allow } from 'class-validator';
import type { Duration } from 'nestjs-job-queue';

export class PauseQueueDto {
  /** Seconds, or a text such as "10m". The queue checks the value. Default: until the queue is resumed. */
  @Allow()
  for?: Duration;
}
