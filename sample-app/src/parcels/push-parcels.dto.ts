import { IsBoolean, IsInt, Max, Min } from 'class-validator';

export class PushParcelsDto {
  @IsInt()
  @Min(1)
  @Max(10_000)
  count = 1;

  /** The carrier of every third parcel is down for twenty seconds. */
  @IsBoolean()
  carrierIsDown = false;
}
