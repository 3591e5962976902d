import { All, Controller, Req, Res, UseGuards, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import type { CheckedBoardOptions } from './board-options.js';
import { BoardServer } from './board-server.js';
import type { HttpRequest, HttpResponse } from './http.js';

/** The two servers of Nest have no common way to write a route for all paths below another one. */
const BELOW = { fastify: '*', other: '*path' };

/** A controller of a board. Nest reads its routes after it has made all modules: see {@link routeBelow}. */
export interface BoardController {
  below(request: HttpRequest, response: HttpResponse): Promise<void>;
}

/**
 * Makes the controller of a board: one class for each board, because path and guards belong to the class. Every request below the path is a
 * route of it, so that the guards come first, whatever is asked for.
 */
export function boardController({ path, guards }: CheckedBoardOptions): Type<BoardController> {
  @Controller({ path, version: VERSION_NEUTRAL })
  class QueueBoardController implements BoardController {
    constructor(readonly server: BoardServer) {}

    @All()
    async root(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
      await this.server.serve(request, response);
    }

    async below(@Req() request: HttpRequest, @Res() response: HttpResponse): Promise<void> {
      await this.server.serve(request, response);
    }
  }
  if (guards.length > 0) UseGuards(...guards)(QueueBoardController);
  return QueueBoardController;
}

/** Adds the route for all paths below that of the board. @param server the name of the HTTP server in Nest */
export function routeBelow({ prototype }: Type<BoardController>, server: string): void {
  const controller = prototype as BoardController;
  const path = server === 'fastify' ? BELOW.fastify : BELOW.other;
  All(path)(controller, 'below', Object.getOwnPropertyDescriptor(controller, 'below')!);
}
