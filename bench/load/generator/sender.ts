/** How the generator sends: one implementation per protocol, as cheap as Node allows. */

export interface Answer {
  /** `failed`: the connection broke or the answer made no sense. */
  readonly outcome: 'accepted' | 'refused' | 'failed';
  /** Of a refusal: whether it told the sender to try again. */
  readonly retryable: boolean;
  /** Of anything but an acceptance: what the answer was. */
  readonly text: string;
}

export const ACCEPTED: Answer = { outcome: 'accepted', retryable: false, text: '' };
export const failed = (text: string): Answer => ({ outcome: 'failed', retryable: false, text: `no answer: ${text}` });

/** A request laid out as it goes over the wire. */
export interface Shot {
  readonly bytes: Buffer;
  /** Where in `bytes` the span ids are. */
  readonly spanIdAt: Uint32Array;
}

export interface Sender<S extends Shot = Shot> {
  /** Lays a message out: a copy, to be sent as often as wanted. */
  prepare(message: Buffer, spanIdAt: Uint32Array): S;
  /** `done` is called once; until then the shot belongs to the sender. */
  send(shot: S, done: (answer: Answer) => void): void;
  close(): void;
}
