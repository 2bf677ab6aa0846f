/**
 * otelcol.processor.resourcedetection in a worker. Every worker detects for itself, beginning with `start`, which does not wait: what
 * comes meanwhile waits for the end of the detection, which `timeout` bounds. Its failures make the component unhealthy and nothing else.
 */
import { isDeepStrictEqual } from 'node:util';
import { keep, type Batch, type Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { editingPart } from '#components/kit/edit/processor.ts';
import type { Gauge } from '#shared/meter.ts';
import type { Outcome } from '#shared/outcome.ts';
import type { Flow } from '#shared/signal.ts';
import { detectResource, type Detection } from './detection.ts';
import { NOTHING, type Detected } from './detectors/detector.ts';
import { editingOf } from './resource-edit.ts';
import type { Args } from './schema.ts';
import { surroundings, type Surround } from './surroundings.ts';

/** What the part that edits is made of. */
interface Enrichment {
  readonly detected: Detected;
  readonly override: boolean;
}

/** `surround`: where detectors look, for tests. */
export function create(args: Args, ctx: WorkerContext, surround: Surround = surroundings): WorkerPart<Args> {
  return new ResourceDetection(args, ctx, surround);
}

class ResourceDetection implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch as Batch) };
  readonly #ctx: WorkerContext;
  readonly #surround: Surround;
  readonly #editor: WorkerPart<Enrichment>;
  readonly #count: Gauge;
  #args: Args;
  #detected: Detected = NOTHING;
  /** Ends the detection under way. */
  #detecting: AbortController | null = null;
  /** Settles with the first detection; null: it is over, or has not begun. */
  #first: Promise<void> | null = null;

  constructor(args: Args, ctx: WorkerContext, surround: Surround) {
    this.#args = args;
    this.#ctx = ctx;
    this.#surround = surround;
    this.#editor = editingPart<Enrichment>(
      'resourcedetection',
      ({ detected, override }) => editingOf(detected, override),
      { detected: NOTHING, override: args.override },
      ctx,
    );
    this.#count = ctx.meter.gauge({
      name: 'otelcol_resourcedetection_attributes_detected',
      help: 'Attributes of the detected resource.',
      merge: 'max',
    });
  }

  start(): void {
    void this.#editor.start();
    this.#begin();
  }

  /** What was detected before serves until the new detection is over. */
  update(args: Args): void {
    const isSame = isDeepStrictEqual(looksAt(args), looksAt(this.#args));
    this.#args = args;
    this.#apply();
    if (isSame) return;
    if (this.#first === null) void this.#detect();
    else this.#begin();
  }

  async stop(deadlineMs: number, removed = false): Promise<void> {
    this.#detecting?.abort();
    this.#detecting = null;
    await this.#editor.stop(deadlineMs, removed);
  }

  #consume(batch: Batch): Outcome | Promise<Outcome> {
    const editor = this.#editor.input!;
    if (this.#first === null) return editor.consume(batch);
    const kept = keep(batch);
    return this.#ready().then(() => editor.consume(kept));
  }

  /** An update while it is under way begins another one. */
  async #ready(): Promise<void> {
    while (this.#first !== null) await this.#first;
  }

  #begin(): void {
    const first = this.#detect();
    this.#first = first;
    void first.then(() => {
      if (this.#first === first) this.#first = null;
    });
  }

  async #detect(): Promise<void> {
    const { log, clock } = this.#ctx;
    const detecting = new AbortController();
    this.#detecting?.abort();
    this.#detecting = detecting;
    const detection = await detectResource(this.#args, this.#surround, clock, log, detecting.signal);
    if (this.#detecting !== detecting) return;
    this.#detecting = null;
    this.#detected = detection;
    this.#apply();
    this.#report(detection);
  }

  #apply(): void {
    void this.#editor.update({ detected: this.#detected, override: this.#args.override });
  }

  #report({ attributes, failures }: Detection): void {
    const { log, health, meter, workerIndex } = this.#ctx;
    const failed = new Set(failures.map(({ detector }) => detector));
    for (const detector of this.#args.detectors)
      meter
        .counter(
          {
            name: 'otelcol_resourcedetection_detector_results_total',
            help: 'Detections, by detector and outcome, of every worker.',
          },
          { detector, outcome: failed.has(detector) ? 'failure' : 'success' },
        )
        .add(1);
    this.#count.set(attributes.size);
    const why = failures.map((failure) => `${failure.detector}: ${failure.why}`).join('; ');
    if (failures.length > 0) health('unhealthy', `resource detection has failed: ${why}`);
    else health('healthy', `${attributes.size} resource attributes detected`);
    // All workers find the same.
    if (workerIndex !== 0) return;
    for (const { detector, why: error } of failures) log.warn('failed to detect resource', { detector, error });
    log.info('detected resource information', { attributes: [...attributes.keys()].join(' ') });
  }
}

/** The arguments that a detection depends on. */
function looksAt(args: Args): Partial<Args> {
  const { override: _override, output: _output, debug_metrics: _debug, ...rest } = args;
  return rest;
}
