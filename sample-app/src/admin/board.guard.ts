import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { AppConfig } from '../config/app.config.js';
import { isEqual } from './is-equal.js';

/**
 * Lets a browser in that sends the token of the configuration as a password, and tells the browser to ask for it. Without a token it lets everybody in,
 * except in production.
 */
@Injectable()
export class BoardGuard implements CanActivate {
  constructor(private readonly config: AppConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const { adminToken } = this.config;
    const http = context.switchToHttp();
    if (!adminToken) {
      if (process.env['NODE_ENV'] !== 'production') return true;
      throw new ForbiddenException('The board is closed: set ADMIN_TOKEN to open it');
    }
    const given = passwordOf(http.getRequest<IncomingMessage>().headers.authorization);
    if (given !== undefined && isEqual(given, adminToken)) return true;
    http.getResponse<ServerResponse>().setHeader('www-authenticate', 'Basic realm="board"');
    throw new UnauthorizedException('Expected the token of ADMIN_TOKEN as the password, with any name');
  }
}

function passwordOf(authorization = ''): string | undefined {
  const encoded = /^Basic (.+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  return /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString())?.[1];
}
