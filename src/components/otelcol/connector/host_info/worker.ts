/** otelcol.connector.host_info in a worker: looks at the resources of spans only. */
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { AttributeWriter } from '#components/kit/series/attributes.ts';
import { SeriesTable } from '#components/kit/series/table.ts';
import { ANY_VALUE, ENTRY, KEY_VALUE, REQUEST, RESOURCE } from '#codec/otlp/fields.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Flow } from '#shared/signal.ts';
import { HOST_ATTRIBUTE, HOST_INFO, HOSTS, seriesPlan } from './plan.ts';
import type { Args } from './schema.ts';

const EMPTY = Buffer.alloc(0);
/** The one resource of the gauge, which has no attributes. */
const RESOURCE_KEY = Buffer.from('hosts');
/** In front of the key of a row, which must not be empty as the name of a host may be. */
const KEY_PREFIX = 0x3d;

export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new HostInfo(args, ctx);
}

class HostInfo implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { observes: true, consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  readonly #table: SeriesTable;
  readonly #attributes = new AttributeWriter();
  readonly #request = new Reader();
  readonly #entry = new Reader();
  readonly #resource = new Reader();
  readonly #pair = new Reader();
  #names: readonly Buffer[];
  #key = Buffer.alloc(256);
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#names = args.host_identifiers.map((name) => Buffer.from(name));
    this.#table = new SeriesTable(seriesPlan(args), ctx);
  }

  start(): void {
    // Nothing runs by itself.
  }

  update(args: Args): void {
    this.#names = args.host_identifiers.map((name) => Buffer.from(name));
    this.#table.update(seriesPlan(args));
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }

  harvest(): Uint8Array<ArrayBuffer> | null {
    return this.#table.harvest();
  }

  #consume({ bytes }: Batch<Flow>): Outcome {
    if (this.#stopped) return Outcome.stopping;
    this.#table.begin(this.#ctx.clock.now());
    const request = this.#request.reset(bytes, 0, bytes.length);
    while (request.next()) {
      if (request.field !== REQUEST.entries || request.wire !== LENGTH) continue;
      const entry = this.#entry.reset(bytes, request.start, request.stop);
      while (entry.next()) {
        if (entry.field === ENTRY.resource && entry.wire === LENGTH) this.#count(bytes, entry.start, entry.stop);
      }
    }
    return Outcome.accepted;
  }

  /** The first identifier that the resource has decides; it counts when it is text. */
  #count(buf: Buffer, start: number, stop: number): void {
    let best = this.#names.length;
    let valueAt = 0;
    let valueEnd = 0;
    const resource = this.#resource.reset(buf, start, stop);
    while (resource.next()) {
      if (resource.field !== RESOURCE.attributes || resource.wire !== LENGTH) continue;
      const pair = this.#pair.reset(buf, resource.start, resource.stop);
      let rank = best;
      let at = 0;
      let end = 0;
      while (pair.next()) {
        if (pair.wire !== LENGTH) continue;
        if (pair.field === KEY_VALUE.key) rank = this.#rankOf(buf, pair.start, pair.stop, best);
        else if (pair.field === KEY_VALUE.value) {
          at = pair.start;
          end = pair.stop;
        }
      }
      if (rank >= best) continue;
      best = rank;
      valueAt = at;
      valueEnd = end;
    }
    if (best < this.#names.length) this.#add(buf, valueAt, valueEnd);
  }

  #rankOf(buf: Buffer, start: number, stop: number, below: number): number {
    for (let rank = 0; rank < below; rank++) {
      if (this.#names[rank].compare(buf, start, stop) === 0) return rank;
    }
    return below;
  }

  #add(buf: Buffer, valueAt: number, valueEnd: number): void {
    const value = this.#pair.reset(buf, valueAt, valueEnd);
    let textAt = -1;
    let textEnd = -1;
    while (value.next()) {
      if (value.field > ANY_VALUE.bytesValue) continue;
      textAt = value.field === ANY_VALUE.stringValue ? value.start : -1;
      textEnd = value.stop;
    }
    if (textAt < 0) return;
    const keyEnd = 1 + textEnd - textAt;
    if (this.#key.length < keyEnd) this.#key = Buffer.alloc(keyEnd * 2);
    this.#key[0] = KEY_PREFIX;
    buf.copy(this.#key, 1, textAt, textEnd);
    const table = this.#table;
    const resource = table.resource(RESOURCE_KEY, 0, RESOURCE_KEY.length, EMPTY, 0, 0);
    let row = table.find(HOSTS, resource, this.#key, 0, keyEnd);
    if (row < 0) {
      const attributes = this.#attributes.reset();
      attributes.value(HOST_ATTRIBUTE, buf, valueAt, valueEnd);
      row = table.make(HOSTS, resource, this.#key, 0, keyEnd, attributes.buf, 0, attributes.length);
    }
    table.add(HOSTS, row, HOST_INFO, 1);
  }
}
