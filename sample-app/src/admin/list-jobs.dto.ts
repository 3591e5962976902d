import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { Type } from 'class-transformer';
import { JOB_STATES, type JobState } from 'nestjs-job-queue';

/** The query of a page of jobs. */
export class ListJobsDto {
  @IsIn(JOB_STATES)
  state: JobState = 'failed';

  @IsInt()
  @Min(1)
  @Max(100)
  @Type(() => Number)
  limit = 20;

  /** The cursor of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  cursor?: string;
}
