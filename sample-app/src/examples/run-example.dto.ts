import { IsInt, IsNumber, Max, Min } from 'class-validator';

export class RunExampleDto {
  /** How long each attempt takes, in seconds. */
  @IsNumber()
  @Min(0)
  @Max(600)
  duration = 1;

  /** How many attempts fail before one succeeds. */
  @IsInt()
  @Min(0)
  @Max(100)
  failures = 0;

  /** How many times a failed job is tried again. */
  @IsInt()
  @Min(0)
  @Max(100)
  retries = 2;

  /** The pause before the first retry, in seconds. It doubles with each retry. */
  @IsNumber()
  @Min(0)
  @Max(3600)
  retryDelay = 1;
}
