import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Header, NotFoundException, Param, Sse, StreamableFile } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { LiveFeed } from './live-feed.js';
import type { LiveMessage } from './live-message.js';

/** The page loads nothing from elsewhere, and runs no script but its own. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";
const FILES: ReadonlyMap<string, string> = new Map([
  ['live.css', 'text/css; charset=utf-8'],
  ['live.js', 'text/javascript; charset=utf-8'],
  ['lanes.js', 'text/javascript; charset=utf-8'],
  ['jobs.js', 'text/javascript; charset=utf-8'],
  ['icon.svg', 'image/svg+xml'],
]);

/** The live page, which hears of all jobs by server-sent events. */
@Controller()
export class LiveController {
  constructor(private readonly feed: LiveFeed) {}

  @Get()
  @Header('content-security-policy', POLICY)
  page(): StreamableFile {
    return open('index.html', 'text/html; charset=utf-8');
  }

  @Get('live/files/:name')
  file(@Param('name') name: string): StreamableFile {
    const type = FILES.get(name);
    if (!type) throw new NotFoundException(`No file ${name}`);
    return open(name, type);
  }

  @Sse('live/events')
  events(): Observable<LiveMessage> {
    return this.feed.messages;
  }
}

function open(name: string, type: string): StreamableFile {
  return new StreamableFile(createReadStream(fileURLToPath(new URL(`../../public/${name}`, import.meta.url))), {
    type,
  });
}
