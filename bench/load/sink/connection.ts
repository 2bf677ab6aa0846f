/** What the sink's server and its protocols agree on. */

/**
 * Called with one ExportTraceServiceRequest at a time; the bytes are valid during the call. Returns the milliseconds that the
 * answer has to wait. Throws for malformed messages.
 */
export type TakeMessage = (bytes: Buffer, start: number, end: number) => number;

/** A protocol on one socket. `chunk` is valid during the call. Throws when the peer breaks the protocol. */
export interface Connection {
  receive(chunk: Buffer): void;
}
