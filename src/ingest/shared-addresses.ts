/** The addresses of one part that listens in several threads: what this thread has bound, and what others are known to have. */
import type { AddressShare } from '#net/server/listen.ts';
import type { BoundAddress, KnownAddress } from '#shared/control.ts';

export class SharedAddresses {
  readonly #bindsUnix: boolean;
  #known: readonly KnownAddress[] = [];
  readonly #bound: BoundAddress[] = [];

  constructor(bindsUnix: boolean) {
    this.#bindsUnix = bindsUnix;
  }

  /** What main knows now, before an order. */
  setKnown(known: readonly KnownAddress[]): void {
    this.#known = known;
  }

  /** What this thread listens on now. */
  get bound(): readonly BoundAddress[] {
    return [...this.#bound];
  }

  share(listener: string): AddressShare {
    const same = (a: BoundAddress, where: string): boolean => a.listener === listener && a.where === where;
    return {
      bindsUnix: this.#bindsUnix,
      known: (where) => this.#known.find((a) => same(a, where)) ?? this.#passedOn(where),
      bound: (where, { host, port }) => void this.#bound.push({ listener, where, host, port }),
      released: (where) => {
        const at = this.#bound.findIndex((a) => same(a, where));
        if (at >= 0) this.#bound.splice(at, 1);
      },
    };
  }

  /** Another listener of the part had the port: here it has given it up, in the other threads it will when they get the order. */
  #passedOn(where: string): KnownAddress | null {
    if (where.endsWith(':0') || this.#bound.some((a) => a.where === where)) return null;
    return this.#known.find((a) => a.where === where && a.held) ?? null;
  }
}
