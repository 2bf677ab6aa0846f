/**
 * The addresses of a destination and the connection for each (gRPC's resolver and balancer).
 *
 *     pick_first     one connection; the dialler tries the addresses of the name in turn
 *     round_robin    one connection per address, calls go to the ready ones in turn. The name is looked up again when a
 *                    connection ends or fails, at most every REFRESH_MS
 *
 * Through a proxy the name is the proxy's to resolve, so there is one connection.
 */
import { isIP } from 'node:net';
import type { Clock } from '#shared/clock.ts';
import { connectProblem } from './connect-error.ts';
import type { Place } from './dial.ts';
import type { GrpcConnection } from './grpc-connection.ts';
import type { GrpcTarget } from './grpc-target.ts';

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface AddressesSystem {
  readonly resolve: Resolve;
  readonly connection: (place: Place) => GrpcConnection;
  /** Something that a waiting call may wait for has changed. */
  readonly changed: () => void;
}

/** Most addresses used of one name. */
const MOST_ADDRESSES = 64;
const REFRESH_MS = 5_000;

export interface NoConnection {
  readonly failure: string;
}

export class Addresses {
  readonly #system: AddressesSystem;
  readonly #clock: Clock;
  /** What to look up; null: the places never change. */
  readonly #name: { readonly host: string; readonly port: number } | null;
  /** By address (round_robin) or one with key ''. */
  readonly #connections = new Map<string, GrpcConnection>();
  /** Of addresses that the name has no longer, until their calls have ended. */
  readonly #leaving = new Map<GrpcConnection, Promise<void>>();
  /** The values of #connections, for picking. */
  #ring: readonly GrpcConnection[] = [];
  #next = 0;
  #resolving = false;
  #resolveFailure = '';
  #mayResolveAt = 0;
  #cancelRefresh: (() => void) | null = null;
  #closed = false;

  constructor(
    target: GrpcTarget,
    balancer: 'pick_first' | 'round_robin',
    proxied: boolean,
    system: AddressesSystem,
    clock: Clock,
  ) {
    this.#system = system;
    this.#clock = clock;
    const resolves = target.kind === 'dns' && balancer === 'round_robin' && !proxied && isIP(target.host) === 0;
    this.#name = resolves ? target : null;
    if (!resolves) this.#set(new Map([['', target]]));
  }

  /** A ready connection; null: one may come; else why none can be had now. Starts what is needed to get one. */
  pick(): GrpcConnection | NoConnection | null {
    const ring = this.#ring;
    let ready: GrpcConnection | null = null;
    let hope = false;
    for (let i = 0; i < ring.length; i++) {
      const connection = ring[(this.#next + i) % ring.length];
      connection.connect();
      if (connection.state === 'ready') {
        ready = connection;
        this.#next = (this.#next + i + 1) % ring.length;
        break;
      }
      hope ||= connection.state === 'connecting';
    }
    if (ready !== null || hope) return ready;
    if (ring.length === 0) {
      this.refresh();
      if (this.#resolving) return null;
    }
    return { failure: this.failure };
  }

  get anyReady(): boolean {
    return this.#ring.some((c) => c.state === 'ready');
  }

  /** The latest reason for having no connection; '' if there was none yet. */
  get failure(): string {
    return this.#ring.find((c) => c.failure !== '')?.failure ?? this.#resolveFailure;
  }

  /** Looks the name up again, now or as soon as the last time is long enough ago. */
  refresh(): void {
    if (this.#name === null || this.#resolving || this.#closed || this.#cancelRefresh !== null) return;
    const waitMs = this.#mayResolveAt - this.#clock.monotonicMs();
    if (waitMs <= 0) void this.#resolve(this.#name);
    else {
      this.#cancelRefresh = this.#clock.after(waitMs, () => {
        this.#cancelRefresh = null;
        this.refresh();
      });
    }
  }

  /** Every connection is made anew; calls under way finish on the old ones. */
  renew(): void {
    for (const connection of this.#ring) connection.renew();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRefresh?.();
    await Promise.all([...this.#ring.map((c) => c.close()), ...this.#leaving.values()]);
  }

  destroy(): void {
    for (const connection of [...this.#ring, ...this.#leaving.keys()]) connection.destroy();
  }

  async #resolve({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    this.#resolving = true;
    try {
      const found = await this.#system.resolve(host);
      if (found.length === 0) throw new Error(`${host} has no address`);
      this.#resolveFailure = '';
      if (!this.#closed)
        this.#set(new Map(found.slice(0, MOST_ADDRESSES).map((address) => [address, { host: address, port }])));
    } catch (error) {
      // Known addresses stay in use.
      this.#resolveFailure = connectProblem(error, { name: host, tls: false, plain: '' });
    }
    this.#resolving = false;
    this.#mayResolveAt = this.#clock.monotonicMs() + REFRESH_MS;
    this.#system.changed();
  }

  #set(places: ReadonlyMap<string, Place>): void {
    for (const [key, connection] of this.#connections) {
      if (places.has(key)) continue;
      this.#connections.delete(key);
      this.#leaving.set(
        connection,
        connection.close().then(() => void this.#leaving.delete(connection)),
      );
    }
    for (const [key, place] of places) {
      if (!this.#connections.has(key)) this.#connections.set(key, this.#system.connection(place));
    }
    this.#ring = [...this.#connections.values()];
    this.#next = 0;
  }
}
