/**
 * A decoding error of RFC 7541: the tables of both ends no longer agree, so the connection has to end with
 * COMPRESSION_ERROR (RFC 9113 4.3). Thrown for bad input, so it is made without a stack trace.
 */
export class HpackError extends Error {
  constructor(message: string) {
    const depth = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = depth;
    this.name = 'HpackError';
  }
}
