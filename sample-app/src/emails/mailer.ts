import type { SendMailOptions } from 'nodemailer';
import type { Email } from './email.js';

/** Delivers e-mails. */
export abstract class Mailer {
  /**
   * @param id tells this message from all others: delivering it once more must not make a second message of it
   * @returns where it went
   */
  abstract send(email: Email, id: string): Promise<string>;
}

/** The message of an e-mail. Its id is the same in each attempt, so that mail programs show it once. */
export function compose(email: Email, id: string, from: string): SendMailOptions {
  return { from, to: email.to, subject: email.subject, text: email.body, messageId: `<${id}@example.com>` };
}
