/** Ids of traces and spans by short names: `trace: checkout` stands for the same sixteen bytes wherever it is written. */
import { createHash } from 'node:crypto';

const TRACE_ID = /^[\da-f]{32}$/i;
const SPAN_ID = /^[\da-f]{16}$/i;

export class Names {
  readonly #byId = new Map<string, string>();
  readonly #traceOfSpan = new Map<string, string>();
  #made = 0;

  /** In hex. */
  trace(written: string): string {
    return TRACE_ID.test(written) ? written.toLowerCase() : this.#named('trace', written, 32);
  }

  span(written: string): string {
    return SPAN_ID.test(written) ? written.toLowerCase() : this.#named('span', written, 16);
  }

  /** For a span without a name. */
  nextSpan(): string {
    return digest(`span without a name ${++this.#made}`, 16);
  }

  /** For a span that belongs to no trace that was named. */
  nextTrace(): string {
    return digest(`trace without a name ${++this.#made}`, 32);
  }

  /** Which trace a span is in, so that its children are in it too. Ids in hex. */
  place(span: string, trace: string): void {
    this.#traceOfSpan.set(span, trace);
  }

  traceOf(span: string): string | undefined {
    return this.#traceOfSpan.get(span);
  }

  /** The name of an id, or the id. */
  text(id: string): string {
    return this.#byId.get(id) ?? id;
  }

  #named(what: string, name: string, digits: number): string {
    const id = digest(`${what} ${name}`, digits);
    this.#byId.set(id, name);
    return id;
  }
}

function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
