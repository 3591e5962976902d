import { Module } from '@nestjs/common';
import { ParcelsController } from './parcels.controller.js';
import { ShipParcelJob } from './ship-parcel.job.js';

@Module({ controllers: [ParcelsController], providers: [ShipParcelJob] })
export class ParcelsModule {}
