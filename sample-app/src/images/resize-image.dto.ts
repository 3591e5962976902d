import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

export class ResizeImageDto {
  /** The width in pixels. The fields of a form arrive as text, so this one is converted. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(4000)
  width = 320;
}
