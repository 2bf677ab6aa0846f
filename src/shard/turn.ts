/**
 * What a thread that accepts does once per turn of its event loop instead of once per request: it rings the bells of the workers
 * that have something to read, and takes their answers. Waking a thread costs as much as receiving a small request, and one turn
 * brings the requests of many sockets (docs/decisions/0010).
 */
import type { RingReader, RingWriter } from '#shared/ring.ts';

export interface AnswerSource {
  readonly ring: RingReader;
  /** Takes all answers that are there. */
  drain(): void;
}

export class Turn {
  /** Bells to ring: at most one per worker. */
  readonly #due: RingWriter[] = [];
  readonly #sources = new Set<AnswerSource>();
  #scheduled = false;
  readonly #end = (): void => this.#run();

  add(source: AnswerSource): void {
    this.#sources.add(source);
  }

  remove(source: AnswerSource): void {
    this.#sources.delete(source);
  }

  /** Something was written into `ring`: its reader is woken at the end of the turn, if it sleeps. */
  ringLater(ring: RingWriter): void {
    if (!this.#due.includes(ring)) this.#due.push(ring);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // We look by ourselves when the turn ends: until then nobody needs to wake us.
    for (const source of this.#sources) source.ring.stayAwake();
    setImmediate(this.#end);
  }

  #run(): void {
    this.#scheduled = false;
    for (const ring of this.#due) ring.ring();
    this.#due.length = 0;
    for (const source of this.#sources) {
      do source.drain();
      while (!source.ring.rest());
    }
  }
}
