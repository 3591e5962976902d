import { IsDefined, IsEmail, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import type { Duration } from 'nestjs-job-queue';
import type { Email } from './email.js';

export class SendEmailDto implements Email {
  @IsEmail()
  to!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  subject!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(50_000)
  body!: string;
}

export class SendEmailLaterDto extends SendEmailDto {
  /** Seconds, or a text such as "5m". The queue checks the value. */
  @IsDefined()
  delay!: Duration;
}
