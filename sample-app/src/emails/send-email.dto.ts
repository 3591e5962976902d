import { IsDefined, IsEmail, IsNotEmpty, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { Duration } from 'nestjs-job-queue';
import type { Email } from './email.js';
import type { PasswordReset } from './send-password-reset.job.js';

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

  /** Whose e-mail it is: its group. */
  @IsOptional()
  @Matches(/^[\w-]{1,64}$/)
  customer?: string;
}

export class SendEmailLaterDto extends SendEmailDto {
  /** Seconds, or a text such as "5m". The queue checks the value. */
  @IsDefined()
  delay!: Duration;
}

export class PasswordResetDto implements PasswordReset {
  @IsEmail()
  to!: string;
}
