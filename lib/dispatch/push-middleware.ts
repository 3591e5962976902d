import { AttemptScope } from '../discovery/attempt-scope.js';
import { takeAll } from '../discovery/instance-source.js';
import type { ModuleMiddleware } from '../discovery/middleware/module-middleware.js';
import { metadataCheck, tagsCheck } from '../job/job-labels.js';
import type { OpenPush, PushMiddleware } from '../job/middleware.interface.js';
import type { DispatchResult, DispatchStage, PendingPush } from '../middleware/dispatch-stage.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { Check } from '../support/checks.js';

/** Makes the stage that runs the module's middleware around each push; none if no middleware runs around pushes. */
export function pushMiddlewareStages(middleware: ModuleMiddleware): DispatchStage[] {
  if (!middleware.hasPushes) return [];
  return [
    async (push, next) => {
      const open = openPush(push);
      const taken = takeAll(middleware.ofPushes(push.name), new AttemptScope(open));
      // Not awaited if all are there: what a middleware enters has to reach the code behind it.
      const all = taken instanceof Promise ? await taken : taken;
      return runPush(all, open, () => next(closePush(push, open)));
    },
  ];
}

async function runPush(
  all: readonly PushMiddleware[],
  open: OpenPush,
  end: () => Promise<DispatchResult>,
  index = 0,
): Promise<DispatchResult> {
  const each = all[index];
  if (!each) return end();
  let rest: Promise<DispatchResult> | undefined;
  const next = (): Promise<DispatchResult> => (rest ??= runPush(all, open, end, index + 1));
  // What a test has put in the place of a class may lack the method.
  const result: unknown = await (each.push ? each.push(open, next) : next());
  if (isResult(result)) return result;
  const of = `${each.constructor.name}.push()`;
  throw new InvalidOptionError(`middleware ${of}`, 'the result of next(), or { id, outcome }', result);
}

function isResult(value: unknown): value is DispatchResult {
  if (typeof value !== 'object' || value === null) return false;
  const { id, outcome } = value as Partial<Record<keyof DispatchResult, unknown>>;
  return typeof id === 'string' && typeof outcome === 'string';
}

function openPush({ id, name, queue, data, delay, traits, metadata, tags }: PendingPush): OpenPush {
  return {
    id,
    name,
    queue,
    data,
    delay,
    priority: traits?.priority ?? 0,
    group: traits?.group,
    metadata: { ...metadata },
    tags: [...(tags ?? [])],
  };
}

/** Takes over the labels that middleware may have changed. @throws InvalidOptionError */
function closePush(push: PendingPush, { metadata, tags }: OpenPush): PendingPush {
  return { ...push, metadata: read('metadata', metadata, metadataCheck), tags: read('tags', tags, tagsCheck) };
}

/** @returns `undefined` for no labels, so that nothing is stored of them */
function read<T extends object>(label: keyof OpenPush, value: T, check: Check<Readonly<T>>): Readonly<T> | undefined {
  const checked = check.read(value);
  if (checked === undefined) throw new InvalidOptionError(`push.${label}`, check.expected, value);
  return Object.keys(checked).length === 0 ? undefined : checked;
}
