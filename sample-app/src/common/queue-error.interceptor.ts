import {
  BadRequestException,
  type CallHandler,
  type ExecutionContext,
  type HttpException,
  Injectable,
  InternalServerErrorException,
  type NestInterceptor,
  PayloadTooLargeException,
  ServiceUnavailableException,
} from '@nestjs/common';
import { QueueError } from 'nestjs-job-queue';
import { catchError, type Observable } from 'rxjs';

/** Turns errors of the queue into HTTP responses, by their codes. */
@Injectable()
export class QueueErrorInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: Error) => {
        throw error instanceof QueueError ? toHttpException(error) : error;
      }),
    );
  }
}

function toHttpException(error: QueueError): HttpException {
  switch (error.code) {
    case 'ERR_INVALID_JOB_ID':
    case 'ERR_INVALID_QUEUE_NAME':
    case 'ERR_INVALID_DELAY':
    // What a request gave: the application's own options are checked at its start.
    case 'ERR_INVALID_OPTION':
      return new BadRequestException(error.message);
    case 'ERR_PAYLOAD_TOO_LARGE':
      return new PayloadTooLargeException(error.message);
    case 'ERR_CONNECTION':
    case 'ERR_STORAGE_FULL':
    case 'ERR_UNKNOWN_OUTCOME':
      return new ServiceUnavailableException('The queue is not available at the moment', { cause: error });
    default:
      return new InternalServerErrorException(undefined, { cause: error });
  }
}
