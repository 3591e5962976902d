import type { SendMailOptions } from 'nodemailer';
import type { Email } from './email.js';

/** Delivers e-mails. */
export abstract class Mailer {
  /**
   * Delivers an e-mail. A job may run twice, so a second call with the same id must not make a second message.
   *
   * @param id the unique id of the message
   * @returns the place of the message: a path, or the reply of the mail server
   */
  abstract send(email: Email, id: string): Promise<string>;
}

/** Makes the message of an e-mail. Its id is the same in each attempt, so that mail programs show it once. */
export function compose(email: Email, id: string, from: string): SendMailOptions {
  return { from, to: email.to, subject: email.subject, text: email.body, messageId: `<${id}@example.com>` };
}
