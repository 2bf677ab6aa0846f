/**
 * The one check for the whole process: closes the gate while too much memory is in use, opens it when there is room again, asks
 * for garbage collections in between, and says so.
 */
import type { CreateGuard, Guard, GuardContext } from '#components/kit/component.ts';
import type { Counter, Gauge } from '#shared/meter.ts';
import { Outcome, withRetryAfter } from '#shared/outcome.ts';
import { Collections } from './collections.ts';
import { limitsOf, type Limits } from './limits.ts';
import type { Args } from './schema.ts';

const MIB = 1 << 20;
/** A check costs some ten microseconds. */
const MIN_INTERVAL_MS = 10;
/** Within limits for so long: then the refusing is over for whoever reads the log. Memory swings around the limit before that. */
const QUIET_MS = 10_000;

export const create: CreateGuard<Args> = (args, ctx) => new MemoryGuard(args, ctx);

class MemoryGuard implements Guard<Args> {
  readonly #ctx: GuardContext;
  readonly #collections = new Collections();
  readonly #used: Gauge;
  readonly #soft: Gauge;
  readonly #hard: Gauge;
  readonly #refusing: Gauge;
  readonly #collected: Counter;
  #args: Args;
  #cancel: (() => void) | null = null;
  /** The log says that data is refused. */
  #told = false;
  #refusedMs = 0;
  /** Times that the gate was closed since then. */
  #times = 0;

  constructor(args: Args, ctx: GuardContext) {
    this.#args = args;
    this.#ctx = ctx;
    const gauge = (name: string, help: string): Gauge =>
      ctx.meter.gauge({ name: `millrace_memory_limiter_${name}`, help });
    this.#used = gauge('used_bytes', 'Memory in use, as it is compared with the limits.');
    this.#soft = gauge('soft_limit_bytes', 'From here on data is refused.');
    this.#hard = gauge('limit_bytes', 'Most memory that the process should take.');
    this.#refusing = gauge('refusing', '1 while data is refused.');
    this.#collected = ctx.meter.counter({
      name: 'millrace_memory_limiter_forced_gc_total',
      help: 'Garbage collections forced because too much memory was in use.',
    });
  }

  start(): void {
    this.#check();
  }

  update(args: Args): void {
    this.#args = args;
    this.#cancel?.();
    this.#check();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #check(): void {
    const { clock, memory, collectGarbage } = this.#ctx;
    const { usedBytes: used, capacityBytes } = memory();
    const limits = limitsOf(this.#args, capacityBytes);
    const aboveSoft = used >= limits.softBytes;
    this.#used.set(used);
    this.#soft.set(limits.softBytes);
    this.#hard.set(limits.hardBytes);
    if (aboveSoft) this.#refuse(used, limits);
    else this.#take(used, limits);
    if (this.#collections.isDue(clock.monotonicMs(), aboveSoft, used >= limits.hardBytes)) {
      this.#collected.add(1);
      collectGarbage();
    }
    this.#cancel = clock.after(Math.max(MIN_INTERVAL_MS, this.#args.check_interval), () => this.#check());
  }

  #refuse(used: number, limits: Limits): void {
    const { clock, gate, health, log } = this.#ctx;
    this.#refusedMs = clock.monotonicMs();
    if (gate.refusal === Outcome.accepted) this.#times++;
    this.#refusing.set(1);
    // Nothing changes before the next check.
    gate.close(withRetryAfter(Outcome.memoryLimit, Math.ceil(this.#args.check_interval / 1000)));
    if (this.#told) return;
    this.#told = true;
    log.warn('memory usage is above the soft limit, data is refused', figures(used, limits));
    // Not unhealthy: it does what it is for, and whoever restarts unhealthy collectors would lose what they hold.
    health('healthy', 'memory usage is above the soft limit, data is refused');
  }

  #take(used: number, limits: Limits): void {
    const { clock, gate, health, log } = this.#ctx;
    this.#refusing.set(0);
    gate.open();
    if (!this.#told || clock.monotonicMs() - this.#refusedMs < QUIET_MS) return;
    this.#told = false;
    log.info('memory usage is back within limits, data is taken', {
      ...figures(used, limits),
      refused_times: this.#times,
    });
    health('healthy', 'memory usage is back within limits');
    this.#times = 0;
  }
}

const figures = (used: number, { softBytes, hardBytes }: Limits): Readonly<Record<string, number>> => ({
  used_mib: Math.round(used / MIB),
  soft_limit_mib: Math.round(softBytes / MIB),
  limit_mib: Math.round(hardBytes / MIB),
});
