import type { ExecutionContext, Type } from '@nestjs/common';
import type { EnhancedMethod } from './enhancer-metadata.js';

type HttpHost = ReturnType<ExecutionContext['switchToHttp']>;
type RpcHost = ReturnType<ExecutionContext['switchToRpc']>;
type WsHost = ReturnType<ExecutionContext['switchToWs']>;

/**
 * Describes a job to the guards, interceptors, filters and parameter decorators around it: the type is `queue`, the
 * arguments are the data of the job and its {@link JobContext}.
 */
export class JobExecutionContext implements ExecutionContext {
  constructor(
    private readonly method: EnhancedMethod,
    private readonly args: readonly [data: unknown, context: unknown],
  ) {}

  getType<T extends string>(): T {
    return 'queue' as T;
  }

  getClass<T>(): Type<T> {
    return this.method.type as Type<T>;
  }

  getHandler(): EnhancedMethod['handler'] {
    return this.method.handler;
  }

  getArgs<T extends unknown[]>(): T {
    return this.args as unknown as T;
  }

  getArgByIndex<T>(index: number): T {
    return this.args[index] as T;
  }

  // A job is no request: the switches return its arguments by position, as Nest's own context does.

  switchToRpc(): RpcHost {
    return { getData: <T>() => this.getArgByIndex<T>(0), getContext: <T>() => this.getArgByIndex<T>(1) };
  }

  switchToHttp(): HttpHost {
    return {
      getRequest: <T>() => this.getArgByIndex<T>(0),
      getResponse: <T>() => this.getArgByIndex<T>(1),
      getNext: <T>() => this.getArgByIndex<T>(2),
    };
  }

  switchToWs(): WsHost {
    return {
      getClient: <T>() => this.getArgByIndex<T>(0),
      getData: <T>() => this.getArgByIndex<T>(1),
      getPattern: () => '',
    };
  }
}
