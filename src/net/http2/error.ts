/** Error codes (RFC 9113, section 7) and the two kinds of error (section 5.4). */
export const ErrorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
} as const;

/** The peer broke a rule that the connection cannot survive: GOAWAY with `code` and the message as debug data, then the end. */
export class ConnectionError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    const depth = Error.stackTraceLimit;
    // Bad input is no bug: nobody reads the stack, and making it costs more than the frame did.
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = depth;
    this.name = 'ConnectionError';
    this.code = code;
  }
}
