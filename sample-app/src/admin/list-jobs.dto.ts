import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { Type } from 'class-transformer';
import { LISTED_STATES, type ListedState } from 'nestjs-job-queue';

/** The query of a page of jobs. */
export class ListJobsDto {
  @IsIn(LISTED_STATES)
  state: ListedState = 'failed';

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
