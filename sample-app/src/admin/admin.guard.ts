import type { IncomingMessage } from 'node:http';
import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { AppConfig } from '../config/app.config.js';
import { isEqual } from './is-equal.js';

/** Lets requests in that carry the token of the configuration. Without a token there it lets nobody in. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly config: AppConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const { adminToken } = this.config;
    if (!adminToken) throw new ForbiddenException('These routes are closed: set ADMIN_TOKEN to open them');
    const { headers } = context.switchToHttp().getRequest<IncomingMessage>();
    const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given === undefined || !isEqual(given, adminToken)) {
      throw new UnauthorizedException('Expected the header "Authorization: Bearer" with the token of ADMIN_TOKEN');
    }
    return true;
  }
}
