import { Controller, Get, Header } from '@nestjs/common';
import { register } from 'prom-client';

/** The metrics of this process, for Prometheus. */
@Controller('metrics')
export class MetricsController {
  @Get()
  @Header('content-type', register.contentType)
  async metrics(): Promise<string> {
    return register.metrics();
  }
}
