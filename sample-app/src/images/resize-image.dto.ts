import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

export class ResizeImageDto {
  /** The fields of a form come as text. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(4000)
  width = 320;
}
