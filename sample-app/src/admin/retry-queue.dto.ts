import { IsInt, IsNotEmpty, IsOptional, IsString, Min } from 'class-validator';

/** Which failed jobs are put back. Default: all. */
export class RetryQueueDto {
  /** Those of this job name. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  name?: string;

  /** At most so many. */
  @IsOptional()
  @IsInt()
  @Min(1)
  limit?: number;
}
