/** Why bytes could not be inflated. Thrown on the data path for bad input, so it is made without a stack trace. */
export type InflateReason = 'corrupt' | 'too_large' | 'unknown';

export class InflateError extends Error {
  readonly reason: InflateReason;
  constructor(reason: InflateReason, message: string) {
    const depth = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = depth;
    this.name = 'InflateError';
    this.reason = reason;
  }
}

export const corrupt = (message: string): InflateError => new InflateError('corrupt', message);
export const tooLarge = (limitBytes: number): InflateError =>
  new InflateError('too_large', `inflated data is larger than ${limitBytes} bytes`);
