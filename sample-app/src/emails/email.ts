export interface Email {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  /** Whose e-mail it is. The e-mails of one customer are a group. */
  readonly customer?: string;
}
