import { IsInt, IsNumber, Max, Min } from 'class-validator';

export class RunExampleDto {
  /** How long each attempt takes, in seconds. */
  @IsNumber()
  @Min(0)
  @Max(600)
  duration = 1;

  /** How many of the first attempts fail. */
  @IsInt()
  @Min(0)
  @Max(100)
  failures = 0;

  /** How many more attempts there are after a failed one. */
  @IsInt()
  @Min(0)
  @Max(100)
  retries = 2;

  /** The pause before the first of them, in seconds; it doubles with each further one. */
  @IsNumber()
  @Min(0)
  @Max(3600)
  retryDelay = 1;
}
