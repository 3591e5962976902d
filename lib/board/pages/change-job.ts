import { textAnswer, type BoardAnswer } from '../http.js';
import type { PageParts, PageQuery } from './page.js';

type Fields = Readonly<Record<string, unknown>>;
type Change = (parts: PageParts, id: string, fields: Fields) => Promise<BoardAnswer>;

const CHANGES: Readonly<Record<string, Change>> = {
  cancel: cancelJob,
  priority: setPriority,
};

/**
 * Changes a job, as the page of it asks.
 *
 * @param name the change
 * @param body the fields of the form
 * @returns `undefined` if there is no such change
 * @throws InvalidJobIdError, InvalidOptionError, QueueConnectionError
 */
export async function changeJob(
  parts: PageParts,
  name: string,
  { id = '' }: PageQuery,
  body: unknown,
): Promise<BoardAnswer | undefined> {
  const change = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined;
  const fields = typeof body === 'object' && body !== null ? (body as Fields) : {};
  return change?.(parts, id, fields);
}

async function cancelJob({ manager }: PageParts, id: string, { reason }: Fields): Promise<BoardAnswer> {
  const text = typeof reason === 'string' ? reason.trim() : '';
  const outcome = await manager.cancel(id, text === '' ? undefined : text);
  if (outcome === 'cancelled') return textAnswer(200, 'The job is cancelled.');
  if (outcome === 'cancelling') return textAnswer(200, 'The worker that has the job is told to end it.');
  return textAnswer(409, 'The job has ended, or is not known.');
}

async function setPriority({ admin }: PageParts, id: string, { priority }: Fields): Promise<BoardAnswer> {
  // A form sends texts.
  const value = typeof priority === 'string' && priority.trim() !== '' ? Number(priority) : priority;
  const isDone = await admin.setPriority(id, value as number);
  return isDone ? textAnswer(200, 'The job has that priority.') : textAnswer(409, 'The job does not wait.');
}
