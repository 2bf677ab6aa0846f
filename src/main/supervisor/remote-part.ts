/**
 * What stands on main for a receiver of which every ingest thread runs a copy. Orders go to all threads and are joined: all of
 * them do it, or those that did are brought back. The first thread goes ahead of the others: it finds out whether an address is
 * free, and they share what it has bound.
 */
import type { MainPart } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import type { BoundAddress, KnownAddress, PartOrder } from '#shared/control.ts';
import { MillraceError } from '#shared/errors.ts';

/** Code of the error of an order whose thread died before it answered. */
export const GONE = 'ingest_lost';

/** Over the deadline of a stop, for the answer's way back. */
const STOP_GRACE_MS = 500;
/** For every other order: a thread that has not carried it out by then is stuck. */
const ORDER_DEADLINE_MS = 30_000;

/** One life of an ingest thread, as a part sees it. */
export interface Site {
  /** Rejects with a MillraceError: the part's, or {@link GONE}. */
  order(nodeId: string, order: PartOrder): Promise<readonly BoundAddress[]>;
}

export class RemotePart implements MainPart<unknown> {
  readonly #nodeId: string;
  readonly #component: string;
  readonly #sites: () => readonly Site[];
  readonly #clock: Clock;
  #args: unknown;
  #running = false;
  /** What each copy listens on; the keys are the sites where there is one. */
  readonly #copies = new Map<Site, readonly BoundAddress[]>();
  /** Sites that have not answered an order in time. */
  readonly #overdue = new Set<Site>();
  /** Every address that was bound last time, so that a port chosen by the system outlives the threads. */
  #last: readonly BoundAddress[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  /** `sites`: the ingest threads that take orders now. */
  constructor(nodeId: string, component: string, args: unknown, sites: () => readonly Site[], clock: Clock) {
    this.#nodeId = nodeId;
    this.#component = component;
    this.#args = args;
    this.#sites = sites;
    this.#clock = clock;
  }

  get nodeId(): string {
    return this.#nodeId;
  }

  /** Between a complete start and a stop. */
  get running(): boolean {
    return this.#running;
  }

  start(): Promise<void> {
    return this.#inTurn(async () => {
      const { done, failure } = await this.#each(this.#sites(), async (site, quiet) => {
        await this.#bring(site, 'start', this.#args, quiet);
        return true;
      });
      if (failure !== null) {
        for (const site of this.#overdue) void this.#end(site, 0, true).catch(noop);
        await Promise.allSettled(done.map((site) => this.#end(site, 0, true)));
        throw failure;
      }
      this.#running = true;
    });
  }

  /** A thread that dies meanwhile is no failure, as long as one is left: its successor starts with what is in force then. */
  update(args: unknown): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#args;
      const { done, failure } = await this.#each([...this.#copies.keys()], async (site, quiet) => {
        try {
          await this.#bring(site, 'update', args, quiet);
          return true;
        } catch (thrown) {
          if (isGone(thrown)) return false;
          throw thrown;
        }
      });
      if (failure !== null) {
        // The copy that failed has gone back by itself; one that is late gets both orders, one after the other.
        for (const site of this.#overdue) void this.#bring(site, 'update', before, true).catch(noop);
        await Promise.allSettled(done.map((site) => this.#bring(site, 'update', before, true)));
        throw failure;
      }
      this.#args = args;
    });
  }

  vacate(args: unknown): Promise<void> {
    return this.#inTurn(async () => {
      const sites = [...this.#copies.keys()];
      await Promise.all(
        sites.map(async (site) => {
          try {
            this.#copies.set(site, await this.#order(site, { do: 'vacate', args }));
          } catch (thrown) {
            if (!isGone(thrown)) throw thrown;
          }
        }),
      );
    });
  }

  stop(deadlineMs: number, removed = false): Promise<void> {
    return this.#inTurn(async () => {
      this.#running = false;
      const sites = [...this.#copies.keys()];
      const results = await Promise.allSettled(sites.map((site) => this.#end(site, deadlineMs, removed)));
      const failed = results.find((r) => r.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    });
  }

  /** A thread has taken the place of one that died: starts the copy there that it ought to have. */
  resumeIn(site: Site): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#running && !this.#copies.has(site)) await this.#bring(site, 'start', this.#args, true);
    });
  }

  /** A thread has died, and the copy in it. */
  forget(site: Site): void {
    this.#copies.delete(site);
    this.#overdue.delete(site);
  }

  /**
   * One site after the other until one has done it (`run` resolves with true), then all others together. Ends at a failure of
   * the former; it is a failure too if there is no site that does it.
   */
  async #each(
    sites: readonly Site[],
    run: (site: Site, quiet: boolean) => Promise<boolean>,
  ): Promise<{ readonly done: readonly Site[]; readonly failure: Error | null }> {
    const others = [...sites];
    let leader: Site | undefined;
    try {
      do leader = others.shift();
      while (leader !== undefined && !(await run(leader, false)));
    } catch (thrown) {
      return { done: [], failure: thrown as Error };
    }
    if (leader === undefined) return { done: [], failure: new MillraceError(GONE, 'no ingest thread runs; try again') };
    const results = await Promise.allSettled(others.map((site) => run(site, true)));
    const failed = results.find((r) => r.status === 'rejected');
    return {
      done: [leader, ...others.filter((_, i) => isTrue(results[i]))],
      failure: failed === undefined ? null : (failed.reason as Error),
    };
  }

  async #bring(site: Site, what: 'start' | 'update', args: unknown, quiet: boolean): Promise<void> {
    const order: PartOrder = { do: what, component: this.#component, args, known: this.#knownTo(site), quiet };
    try {
      const bound = await this.#order(site, order);
      this.#copies.set(site, bound);
      this.#last = bound;
    } catch (thrown) {
      if (isGone(thrown)) this.forget(site);
      throw thrown;
    }
  }

  async #order(site: Site, order: PartOrder): Promise<readonly BoundAddress[]> {
    const answered = site.order(this.#nodeId, order);
    const late = (): void => void this.#overdue.add(site);
    const bound = await this.#inTime(answered, ORDER_DEADLINE_MS, late);
    this.#overdue.delete(site);
    return bound;
  }

  /** A thread that is stuck does not answer at all: nobody waits for it longer than for one that keeps the deadline. */
  async #end(site: Site, deadlineMs: number, removed: boolean): Promise<void> {
    try {
      await this.#inTime(
        site.order(this.#nodeId, { do: 'stop', deadlineMs, removed }),
        deadlineMs + STOP_GRACE_MS,
        noop,
      );
    } catch (thrown) {
      if (!isGone(thrown)) throw thrown;
    } finally {
      this.forget(site);
    }
  }

  async #inTime<T>(answer: Promise<T>, ms: number, late: () => void): Promise<T> {
    let cancel = noop;
    const tooLate = new Promise<never>((_resolve, reject) => {
      cancel = this.#clock.after(ms, () => {
        late();
        reject(new MillraceError('ingest_stuck', 'an ingest thread does not answer'));
      });
    });
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      cancel();
    }
  }

  #knownTo(site: Site): KnownAddress[] {
    const held = [...this.#copies].filter(([other]) => other !== site).flatMap(([, bound]) => bound);
    const known: KnownAddress[] = held.map((address) => ({ ...address, held: true }));
    for (const address of this.#last) if (!held.some((a) => same(a, address))) known.push({ ...address, held: false });
    return known;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run);
    this.#turn = turn.then(noop, noop);
    return turn;
  }
}

const isTrue = (result: PromiseSettledResult<boolean> | undefined): boolean =>
  result?.status === 'fulfilled' && result.value;
const isGone = (thrown: unknown): boolean => thrown instanceof MillraceError && thrown.code === GONE;
const same = (a: BoundAddress, b: BoundAddress): boolean => a.listener === b.listener && a.where === b.where;
const noop = (): void => {};
