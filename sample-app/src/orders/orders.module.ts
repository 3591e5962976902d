import { Module } from '@nestjs/common';
import { MerchantClient } from './merchant-client.js';
import { MerchantsController } from './merchants.controller.js';
import { NotifyMerchantJob } from './notify-merchant.job.js';
import { OrdersController } from './orders.controller.js';

@Module({ controllers: [OrdersController, MerchantsController], providers: [MerchantClient, NotifyMerchantJob] })
export class OrdersModule {}
