/**
 * Steps through a batch and puts each item, with what it is in, where expressions look for it. Bytes are validated; nothing is kept
 * after `walk` returns. Workers; not re-entrant.
 */
import { ENTRY, METRIC, METRIC_DATA, REQUEST, SCOPE_ENTRY, SPAN } from '#codec/otlp/fields.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';
import type { Message, PointKind, Telemetry } from '#ottl/telemetry.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';

/** What is done with each kind of item; kinds that are absent are not walked. */
export interface Visit {
  /** Before the items of each resource. */
  readonly resource?: () => void;
  readonly span?: () => void;
  readonly spanEvent?: () => void;
  readonly metric?: () => void;
  readonly point?: () => void;
  readonly log?: () => void;
}

const DATA = [METRIC.gauge, METRIC.sum, METRIC.histogram, METRIC.exponentialHistogram, METRIC.summary] as const;

export class Walker {
  readonly #t: Telemetry;
  readonly #request = new MessageView();
  readonly #entries = new Occurrences();
  readonly #scopes = new Occurrences();
  readonly #items = new Occurrences();
  readonly #inner = new Occurrences();

  constructor(telemetry: Telemetry) {
    this.#t = telemetry;
  }

  /** One Export*ServiceRequest. */
  walk(signal: Signal, bytes: Buffer, visit: Visit): void {
    const t = this.#t;
    const item = this.#itemOf(signal, visit);
    if (item === null) return;
    this.#request.reset(bytes, 0, bytes.length);
    for (const entries = this.#entries.over(this.#request, REQUEST.entries); entries.next();) {
      t.resourceEntry.set(bytes, entries.start, entries.stop);
      const entry = t.resourceEntry.view;
      t.resource.set(bytes, entry.start(ENTRY.resource), entry.stop(ENTRY.resource));
      visit.resource?.();
      for (const scopes = this.#scopes.over(entry, ENTRY.scopes); scopes.next();) {
        t.scopeEntry.set(bytes, scopes.start, scopes.stop);
        const scopeEntry = t.scopeEntry.view;
        t.scope.set(bytes, scopeEntry.start(SCOPE_ENTRY.scope), scopeEntry.stop(SCOPE_ENTRY.scope));
        for (const items = this.#items.over(scopeEntry, SCOPE_ENTRY.items); items.next();)
          item(bytes, items.start, items.stop);
      }
    }
  }

  /** null: nothing is done with items of this signal. */
  #itemOf(signal: Signal, visit: Visit): ((bytes: Buffer, start: number, stop: number) => void) | null {
    const t = this.#t;
    const at =
      (message: Message, done?: () => void, inside?: () => void) => (buf: Buffer, start: number, stop: number) => {
        message.set(buf, start, stop);
        done?.();
        inside?.();
      };
    if (signal === TRACES && (visit.span ?? visit.spanEvent) !== undefined) {
      const { spanEvent } = visit;
      return at(t.span, visit.span, spanEvent && (() => this.#events(spanEvent)));
    }
    if (signal === METRICS && (visit.metric ?? visit.point) !== undefined)
      return at(t.metric, () => this.#metric(visit.metric, visit.point));
    return signal === LOGS && visit.log !== undefined ? at(t.log, visit.log) : null;
  }

  #events(visit: () => void): void {
    const t = this.#t;
    t.eventIndex = 0;
    for (const events = this.#inner.over(t.span.view, SPAN.events); events.next(); t.eventIndex++) {
      t.spanEvent.set(t.span.buf, events.start, events.stop);
      visit();
    }
  }

  #metric(metric: (() => void) | undefined, point: (() => void) | undefined): void {
    const t = this.#t;
    const { view } = t.metric;
    // Of a oneof, the last member counts.
    let kind: PointKind = 0;
    for (const field of DATA) if (view.has(field) && (kind === 0 || view.start(field) > view.start(kind))) kind = field;
    t.pointKind = kind;
    if (kind === 0) t.metricData.clear();
    else t.metricData.set(view.buf, view.start(kind), view.stop(kind));
    metric?.();
    if (point === undefined || kind === 0) return;
    for (const points = this.#inner.over(t.metricData.view, METRIC_DATA.dataPoints); points.next();) {
      t.point.set(view.buf, points.start, points.stop);
      point();
    }
  }
}
