/** How the generator sends: one implementation per protocol, as cheap as Node allows. */

/** '' = accepted, else why not. */
export type Refusal = string;

export interface Sender {
  /** Bytes to leave free before the message in the buffer given to `send`. */
  headBytes(messageBytes: number): number;
  /** Writes what the protocol wants before the message. Called once per buffer. */
  writeHead(buffer: Buffer, messageBytes: number): void;
  /**
   * Sends head and message. `done` is called once; until then `buffer` belongs to the sender. `answered` is false if the
   * connection broke.
   */
  send(buffer: Buffer, done: (refusal: Refusal, answered: boolean) => void): void;
  close(): void;
}
