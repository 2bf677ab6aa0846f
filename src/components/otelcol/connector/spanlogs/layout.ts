/**
 * The keys of lines, worked out once from the arguments. Every distinct key is a slot; a line is a set of slots in the order in
 * which they were first given a value, so a second value for a key overwrites the first in its place (semantics 15.4).
 */
import { varint32Size, writeVarint32 } from '#codec/protobuf/varint.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { KEY_VALUE } from '#codec/otlp/fields.ts';
import { logfmtKey } from './logfmt-line.ts';
import type { Args } from './schema.ts';

export interface Slot {
  /** As it stands in a line; empty: the pair is left out of lines and counted. */
  readonly key: Buffer;
  /** The key field of the attribute, when the key is also a label; else null. */
  readonly label: Buffer | null;
}

/** An attribute to look for, and the slot that takes its value. */
export interface Wanted {
  readonly name: Buffer;
  readonly slot: number;
}

export interface Layout {
  readonly spans: boolean;
  readonly roots: boolean;
  readonly processes: boolean;
  readonly events: boolean;
  readonly slots: readonly Slot[];
  readonly name: number;
  readonly duration: number;
  readonly status: number;
  readonly service: number;
  readonly traceId: number;
  readonly spanAttributes: readonly Wanted[];
  readonly processAttributes: readonly Wanted[];
  readonly eventAttributes: readonly Wanted[];
  /** Key field of the first attribute of every record. */
  readonly tag: Buffer;
  /** The slot that overwrites the first attribute, being a label of the same name; -1 if there is none. */
  readonly tagSlot: number;
}

export function layoutOf(args: Args): Layout {
  const { overrides } = args;
  const labels = new Set(args.labels);
  const slots: Slot[] = [];
  const byKey = new Map<string, number>();
  const slotOf = (key: string): number => {
    const known = byKey.get(key);
    if (known !== undefined) return known;
    byKey.set(key, slots.length);
    return slots.push({ key: logfmtKey(key), label: labels.has(key) ? keyField(key) : null }) - 1;
  };
  const wanted = (names: readonly string[]): Wanted[] =>
    names.map((name) => ({ name: Buffer.from(name), slot: slotOf(name) }));
  return {
    spans: args.spans,
    roots: args.roots,
    processes: args.processes,
    events: args.events,
    slots,
    name: slotOf(overrides.span_name_key),
    duration: slotOf(overrides.duration_key),
    status: slotOf(overrides.status_key),
    service: slotOf(overrides.service_key),
    traceId: slotOf(overrides.trace_id_key),
    spanAttributes: wanted(args.span_attributes),
    processAttributes: wanted(args.process_attributes),
    eventAttributes: wanted(args.event_attributes),
    tag: keyField(overrides.logs_instance_tag),
    tagSlot: labels.has(overrides.logs_instance_tag) ? (byKey.get(overrides.logs_instance_tag) ?? -1) : -1,
  };
}

/** The key field of a KeyValue message, tag included. */
function keyField(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const field = Buffer.alloc(1 + varint32Size(length) + length);
  field[0] = (KEY_VALUE.key << 3) | LENGTH;
  field.write(text, writeVarint32(field, 1, length), 'utf8');
  return field;
}
