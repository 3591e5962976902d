/**
 * The injection tokens of interfaces; each is named after its interface. They are registered symbols, so that two copies
 * of this package in one application share them.
 */

/** {@link QueueDriver}: the storage of this application. */
export const QUEUE_DRIVER = Symbol.for('nestjs-job-queue:QueueDriver');

/** {@link QueueModuleOptions}: the options of one `forRoot()` or `forRootAsync()`, before they are resolved. */
export const QUEUE_MODULE_OPTIONS = Symbol.for('nestjs-job-queue:QueueModuleOptions');

/** {@link ResolvedQueueOptions}: the options, checked and complete. */
export const RESOLVED_QUEUE_OPTIONS = Symbol.for('nestjs-job-queue:ResolvedQueueOptions');

/** {@link Clock}: the time and the timers of the library. */
export const CLOCK = Symbol.for('nestjs-job-queue:Clock');

/** {@link QueueLogger}: the logger of the library's own messages. */
export const QUEUE_LOGGER = Symbol.for('nestjs-job-queue:QueueLogger');

/** The `Worker`: the command finds it by this token, also if the application holds another copy of this package. */
export const WORKER = Symbol.for('nestjs-job-queue:Worker');

/** The `QueueManager`, for the command. */
export const QUEUE_MANAGER = Symbol.for('nestjs-job-queue:QueueManager');

/** A list of middleware that another module of this library adds, as a value. It runs outside of that of the application. */
export const ADDED_MIDDLEWARE = Symbol.for('nestjs-job-queue:AddedMiddleware');

/** The `QueueHealth`, for the command. */
export const QUEUE_HEALTH = Symbol.for('nestjs-job-queue:QueueHealth');

/** The `JobRegistry`, for the command. */
export const JOB_REGISTRY = Symbol.for('nestjs-job-queue:JobRegistry');
