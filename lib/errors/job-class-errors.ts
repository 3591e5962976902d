import { describe } from '../support/describe.js';
import { QueueError, reasonOf } from './queue-error.js';

/** A class or a value that is no job was registered or pushed, or a job was pushed in a form that its class does not allow. */
export class InvalidJobError extends QueueError {
  override name = 'InvalidJobError';

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_INVALID_JOB', message, options);
  }

  static notAFeature(given: unknown): InvalidJobError {
    return new InvalidJobError(
      `QueueModule.forFeature() expects a list of classes decorated with @Job(), got ${describe(given)}${given === undefined ? ' (a circular import?)' : typeof given === 'function' ? ', which has no @Job() of its own' : ''}`,
    );
  }

  /** @param parent the job class that the class extends */
  static notDecorated(given: unknown, parent?: string): InvalidJobError {
    const hint =
      parent !== undefined
        ? `, which extends job class ${parent} and has no @Job() of its own: put @Job() on it`
        : given === undefined
          ? ' (a circular import?)'
          : '';
    return new InvalidJobError(
      `Not a job: expected a class decorated with @Job() or an instance of one, got ${describe(given)}${hint}`,
    );
  }

  static byName(given: string): InvalidJobError {
    return new InvalidJobError(
      `Not a job: expected a job that carries its data or a jobSpec(), got the name ${describe(given)}: write jobSpec(${describe(given)}, data)`,
    );
  }

  static withoutHandle(className: string): InvalidJobError {
    return new InvalidJobError(`Job class ${className} is decorated with @Job() but has no method handle()`);
  }

  static withoutHandleInProvider(className: string, given: unknown): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className}: its provider gives ${describe(given)} without a method handle()`,
    );
  }

  static bothHandles(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} has both handle() and handleChunk(): a job runs in one of them, so take the other one away`,
    );
  }

  static chunkWithoutMethod(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} has the option "chunk" but no method handleChunk(): write handleChunk(items) in place of handle(), or take the option away`,
    );
  }

  static methodWithoutChunk(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} has a method handleChunk() but no option "chunk": write @Job({ chunk: { size: 100 } }), or handle() in place of handleChunk()`,
    );
  }

  /** @param given the kind of enhancers that would run around the calls, for example `guards` */
  static enhancedChunk(className: string, given: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} has handleChunk() and ${given}: guards, pipes, interceptors, filters and parameter decorators run around one job, not around a chunk. ` +
        `Take them away (global ones run for jobs because of the option "globalEnhancers"), and check each item in handleChunk()`,
    );
  }

  static chunkOfCarrier(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} has handleChunk() and takes its data in its constructor: the data of a chunk stands beside the class, push(${className}, data), so let its constructor take dependencies only`,
    );
  }

  static instanceOfChunk(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} has handleChunk(), so that an instance of it has no data: push the class with its data, push(${className}, data)`,
    );
  }

  static badName(given: unknown, className: string): InvalidJobError {
    return new InvalidJobError(
      `Invalid name of job class ${className || '(anonymous)'}: expected 1 to 200 characters without control characters, got ${describe(given)}`,
    );
  }

  static generatedName(className: string, moduleName: string): InvalidJobError {
    const which = className === '' ? 'A job class without a name' : `Job class ${describe(className)}`;
    return new InvalidJobError(
      `${which} (${moduleName}): its name seems to be made by a tool (a minifier, mixin(), a class without a name), and can be another one in another build or process. ` +
        `Jobs are stored under it: give the job a name of its own, @Job({ name: '...' }), or let the tool keep class names (keepNames)`,
    );
  }

  static badDefinitionName(given: unknown): InvalidJobError {
    return new InvalidJobError(
      `Invalid name of defineJob(): expected 1 to 200 characters without control characters, got ${describe(given)}`,
    );
  }

  static badPushedName(given: string): InvalidJobError {
    return new InvalidJobError(
      `Invalid name of a job: expected 1 to 200 characters without control characters, got ${describe(given)}`,
    );
  }

  static severalDefinitions(name: string): InvalidJobError {
    return new InvalidJobError(
      `Several definitions with different options have the name ${describe(name)}, so that the name alone says not which one is meant: push by the definition, or give each a name of its own`,
    );
  }

  static definitionOfCarrier(className: string, name: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} handles the definition ${describe(name)} and takes its data in its constructor: a definition is for classes whose handle() gets the data. ` +
        `Let its constructor take dependencies only, or give it @Job({ name: ${JSON.stringify(name)} }) without the definition`,
    );
  }

  static carriesItsData(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} is registered with QueueModule.forFeature() and takes its data in its constructor: push an instance of it`,
    );
  }

  /** @param type the name of the type that the compiler wrote down: `Object` stands for every type that it does not know */
  static dataInProviders(className: string, index: number, type: string): InvalidJobError {
    const unknown =
      type === 'Object' ? ' (an interface, an "import type" and a circular import leave no type of their own)' : '';
    return new InvalidJobError(
      `Job class ${className} is in the providers of a module, and Nest cannot inject parameter ${index} of its constructor, of type ${type}. ` +
        `If it is data: list the class in QueueModule.forFeature([${className}]), and not in providers. ` +
        `If it is a dependency: write @Inject(Token) before it${unknown}`,
    );
  }

  static untypedConstructor(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} in QueueModule.forFeature() has a constructor whose parameters have no types at run time. ` +
        `If it takes dependencies: compile with emitDecoratorMetadata (tsx, esbuild and vitest do not emit it), or write @Inject(Token) before each of them. ` +
        `If it takes its data: push an instance of it`,
    );
  }

  static takesItsData(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} takes its dependencies in its constructor, so that an instance cannot be stored: push the class with its data, push(${className}, data)`,
    );
  }

  static noInstance(className: string): InvalidJobError {
    return new InvalidJobError(
      `A list of job instances is expected, got class ${className} in it: push the class with its data, pushMany(${className}, dataList)`,
    );
  }

  static mixesBoth(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} takes both data and dependencies in its constructor: inject the dependencies into properties, @Inject() private readonly service!: Service`,
    );
  }

  static badData(className: string, given: unknown): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} carries its data in its properties, so that an object is expected, got ${describe(given)}`,
    );
  }

  static returnsStream(given: object): InvalidJobError {
    return new InvalidJobError(
      `The job returned ${describe(given)}, a stream whose end the library cannot tell: wait for it, await pipeline(source, target) of node:stream/promises`,
    );
  }

  static unresolved(className: string, where: string, token: string, moduleName: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className}: ${where} needs ${token}, which is no provider of ${moduleName} or of what it imports`,
    );
  }

  static noDurableContext(jobName: string, cause: unknown): InvalidJobError {
    return new InvalidJobError(
      `Job ${jobName} needs a durable provider, but the ContextIdStrategy of the application throws for jobs${reasonOf(cause)}: let it read the JobContext, whose "data" is the data of the job`,
      { cause },
    );
  }

  static notRegistered(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} is not registered: list it in a module's providers, or in QueueModule.forFeature([...]) if it carries its data`,
    );
  }
}

/** A job class was used before Nest had made the modules of the application, in a constructor or in a factory of a provider. */
export class NotInitializedError extends QueueError {
  override name = 'NotInitializedError';

  constructor(readonly className: string) {
    super(
      'ERR_NOT_INITIALIZED',
      `Too early for job class ${className}: the application has not been initialized, and Nest still makes its modules. Push in onModuleInit() or later, not in a constructor or in the factory of a provider`,
    );
  }
}

/** Two classes have the same job name. */
export class DuplicateJobError extends QueueError {
  override name = 'DuplicateJobError';

  constructor(
    readonly jobName: string,
    first: string,
    second: string,
    /** The file and line of each of them, if it is known and the names of the classes are the same. */
    [ofFirst, ofSecond]: readonly (string | undefined)[] = [],
    /** True if both classes handle a definition of this name. */
    handleOne = false,
  ) {
    const at = (origin: string, place?: string): string => (place === undefined ? origin : `${origin}, ${place}`);
    const isOnePlace = ofFirst !== undefined && ofFirst === ofSecond;
    super(
      'ERR_DUPLICATE_JOB',
      `Two job classes ${handleOne ? 'handle the definition' : 'have the name'} "${jobName}": ${at(first, ofFirst)} and ${at(second, ofSecond)}. ` +
        (isOnePlace ? 'A function makes the class twice, or its file is loaded twice. ' : '') +
        (handleOne
          ? `A job runs in one class: take @Job() from one of them, or give it a definition of its own, defineJob('...')`
          : `Give one of them another name: @Job({ name: '...' })`),
    );
  }
}

/** A stored job has a name that no class of this process has; or a job was pushed by a name of which this process knows nothing. */
export class UnknownJobError extends QueueError {
  override name = 'UnknownJobError';

  constructor(
    readonly jobName: string,
    message = `No job class is registered under the name ${describe(jobName)}`,
  ) {
    super('ERR_UNKNOWN_JOB', message);
  }

  /** @param meant the known name that is nearest */
  static pushed(jobName: string, meant: string | undefined): UnknownJobError {
    const hint = meant === undefined ? '' : `; did you mean ${describe(meant)}?`;
    return new UnknownJobError(
      jobName,
      `Unknown job: no job class and no definition of this process has the name ${describe(jobName)}${hint || '.'} ` +
        `Import its class or its definition, or name its queue: push(${describe(jobName)}, data, { queue: '...' })`,
    );
  }
}
