/** From an ExportLogsServiceRequest to lines. */
import { readAnyValue, readAttributes, type PlainMap } from '#codec/otlp/any-value.ts';
import { ENTRY, LOG_RECORD, REQUEST, RESOURCE, SCOPE, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';
import type { Label } from '#codec/loki/labels.ts';
import { StreamWriter } from '#codec/loki/streams.ts';
import { labelled, named } from './labels.ts';
import { lineOf } from './line.ts';
import type { LogRecord, Scope } from './record.ts';

export interface Converted {
  readonly bytes: Buffer;
  readonly items: number;
  /** Records of which no line could be made. */
  readonly failed: number;
}

const NO_SCOPE: Scope = { name: '', version: '' };

/** `nowNs`: for records that say no time. Throws ProtobufError. */
export function linesOf(bytes: Buffer, nowNs: bigint): Converted {
  const lines = new Lines(nowNs);
  const request = new MessageView().reset(bytes, 0, bytes.length);
  const entry = new MessageView();
  const scopeEntry = new MessageView();
  for (const entries = new Occurrences().over(request, REQUEST.entries); entries.next();) {
    entry.reset(bytes, entries.start, entries.stop);
    const resource = entry.has(ENTRY.resource)
      ? readAttributes(
          new MessageView().reset(bytes, entry.start(ENTRY.resource), entry.stop(ENTRY.resource)),
          RESOURCE.attributes,
        )
      : new Map();
    for (const scopes = new Occurrences().over(entry, ENTRY.scopes); scopes.next();) {
      scopeEntry.reset(bytes, scopes.start, scopes.stop);
      const scope = scopeOf(scopeEntry);
      for (const items = new Occurrences().over(scopeEntry, SCOPE_ENTRY.items); items.next();)
        lines.add(bytes, items.start, items.stop, resource, scope);
    }
  }
  return lines.finish();
}

function scopeOf(entry: MessageView): Scope {
  if (!entry.has(SCOPE_ENTRY.scope)) return NO_SCOPE;
  const scope = new MessageView().reset(entry.buf, entry.start(SCOPE_ENTRY.scope), entry.stop(SCOPE_ENTRY.scope));
  return { name: scope.string(SCOPE.name), version: scope.string(SCOPE.version) };
}

class Lines {
  readonly #nowNs: bigint;
  readonly #writer = new StreamWriter();
  readonly #view = new MessageView();
  #before: readonly Label[] = [];
  #failed = 0;

  constructor(nowNs: bigint) {
    this.#nowNs = nowNs;
  }

  add(bytes: Buffer, start: number, stop: number, resource: PlainMap, scope: Scope): void {
    const record = this.#record(bytes, start, stop, resource, scope);
    const left = labelled(record);
    const line = lineOf(record, left);
    if (line === null) {
      this.#failed++;
      return;
    }
    const labels = named(left.labels);
    if (!isSame(labels, this.#before)) this.#writer.stream(labels);
    this.#before = labels;
    this.#writer.entry({ timeNs: record.timeNs === 0n ? this.#nowNs : record.timeNs, line, metadata: [] });
  }

  finish(): Converted {
    const { items } = this.#writer;
    return { bytes: this.#writer.finish(), items, failed: this.#failed };
  }

  #record(bytes: Buffer, start: number, stop: number, resource: PlainMap, scope: Scope): LogRecord {
    const view = this.#view.reset(bytes, start, stop);
    const time = view.int64(LOG_RECORD.timeUnixNano);
    return {
      timeNs: time === 0n ? view.int64(LOG_RECORD.observedTimeUnixNano) : time,
      severityNumber: view.uint32(LOG_RECORD.severityNumber),
      severityText: view.string(LOG_RECORD.severityText),
      body: view.has(LOG_RECORD.body)
        ? readAnyValue(bytes, view.start(LOG_RECORD.body), view.stop(LOG_RECORD.body))
        : null,
      traceId: idOf(view.hex(LOG_RECORD.traceId)),
      spanId: idOf(view.hex(LOG_RECORD.spanId)),
      flags: view.fixed32(LOG_RECORD.flags),
      attributes: readAttributes(view, LOG_RECORD.attributes),
      resource,
      scope,
    };
  }
}

/** An id that is all zeros is none. */
const idOf = (hex: string): string => (/[^0]/.test(hex) ? hex : '');

function isSame(a: readonly Label[], b: readonly Label[]): boolean {
  return a.length === b.length && a.every(([name, value], i) => name === b[i][0] && value === b[i][1]);
}
