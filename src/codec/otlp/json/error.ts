/** A text that is not the OTLP/JSON it should be. The message is meant for the sender: where, and what was expected. */
export class JsonError extends Error {
  /** `resourceSpans[0].scopeSpans[0].spans[3].traceId`; empty for the request itself. */
  readonly path: string;
  /** Byte offset in the UTF-8 text. */
  readonly offset: number;
  constructor(what: string, path: string, offset: number) {
    super(`invalid OTLP/JSON: ${path === '' ? '' : `${path}: `}${what} (byte ${offset})`);
    this.name = 'JsonError';
    this.path = path;
    this.offset = offset;
  }
}
