import type { BoardAnswer } from './http.js';

/** The file of the texts of bull-board in a language. */
const TEXTS = /^locales\/[\w-]+\/messages\.json$/;
/** What bull-board says of priorities: with BullMQ lower numbers run first. */
const PRIORITY_HINT = /("PRIORITY_HINT":\s*)"(?:[^"\\]|\\.)*"/;
const OWN_HINT = '"Higher numbers run first, up to 1000. 0 removes the priority."';

/** Puts our own texts in the place of those that are true for BullMQ alone, in every language. @param path of a file of bull-board */
export function withOwnTexts(path: string, answer: BoardAnswer): BoardAnswer {
  if (!TEXTS.test(path)) return answer;
  return { ...answer, body: String(answer.body).replace(PRIORITY_HINT, `$1${OWN_HINT}`) };
}
