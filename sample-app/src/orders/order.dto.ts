import { IsInt, Matches, Max, Min } from 'class-validator';

export class OrderDto {
  @Matches(/^[\w-]{1,64}$/)
  merchant!: string;

  /** Cents. */
  @IsInt()
  @Min(0)
  @Max(100_000_000)
  total = 0;
}
