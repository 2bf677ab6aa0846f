/**
 * The map that an editor changes: the attributes of a message, row by row among the bytes; or another map (a body, the cache, a map
 * within an attribute), which is read, changed and set anew.
 */
import { readAnyValue, type PlainValue } from '#codec/otlp/any-value.ts';
import { pairBytes } from '#codec/otlp/attribute-edit.ts';
import type { Message } from '#codec/otlp/message.ts';
import { fail } from '../error.ts';
import type { Arguments, Operand } from '../functions/arguments.ts';
import { plainIn } from '../plain.ts';
import type { Run, Telemetry } from '../telemetry.ts';
import { isMap, typeName, type Value, type ValueMap } from '../value.ts';

/** What becomes of an attribute: KEPT, REMOVED, or a value to replace it with. */
export const KEPT = Symbol('kept');
export const REMOVED = Symbol('removed');
export type Fate = typeof KEPT | typeof REMOVED | Value;

/** The key of the attribute at hand, and its value, made when they are asked for. */
export interface Entry {
  key(): string;
  value(): Value;
}

/** An editor that decides for each entry by itself. `begin` runs before the first entry of a map. */
export function eachEntry(
  args: Arguments,
  decide: (entry: Entry, t: Telemetry) => Fate,
  begin: (t: Telemetry) => void = () => undefined,
): Run {
  const target = args.target(0);
  const { attributes } = target;
  if (attributes === undefined) return inMap(target, decide, begin);
  const entry = new Row();
  return (t) => {
    const message = attributes.of(t);
    if (message === null) return fail('the metric has no points');
    const field = attributes.field(t);
    begin(t);
    for (let row = message.first(field); row !== 0;) {
      const next = message.next(row);
      entry.at(message, row);
      const fate = decide(entry, t);
      if (fate === REMOVED) message.remove(row);
      else if (fate !== KEPT) replace(message, row, field, entry.key(), plainIn(fate));
      row = next;
    }
  };
}

function replace(message: Message, row: number, field: number, key: string, value: PlainValue): void {
  const mark = message.mark();
  message.scratch.raw(pairBytes(field, Buffer.from(key), value));
  message.replace(row, mark);
}

/** An attribute among the bytes. Reused. */
class Row implements Entry {
  #message!: Message;
  #row = 0;

  at(message: Message, row: number): void {
    this.#message = message;
    this.#row = row;
  }
  key(): string {
    const message = this.#message;
    message.pair(this.#row);
    return message.buf.toString('utf8', message.keyStart, message.keyStop);
  }
  value(): Value {
    const message = this.#message;
    message.pair(this.#row);
    return readAnyValue(message.buf, message.start, message.stop);
  }
}

function inMap(
  target: Operand & Required<Pick<Operand, 'set'>>,
  decide: (entry: Entry, t: Telemetry) => Fate,
  begin: (t: Telemetry) => void,
): Run {
  return (t) => {
    const map = mapIn(target.get(t));
    const changed = new Map<string, Value>();
    let same = true;
    begin(t);
    for (const [key, value] of map) {
      const fate = decide({ key: () => key, value: () => value }, t);
      same &&= fate === KEPT;
      if (fate !== REMOVED) changed.set(key, fate === KEPT ? value : fate);
    }
    if (!same) target.set(t, changed);
  };
}

/** An editor that makes another map of the whole. */
export function wholeMap(args: Arguments, change: (map: ValueMap, t: Telemetry) => ValueMap): Run {
  const target = args.target(0);
  return (t) => {
    const map = mapIn(target.get(t));
    const changed = change(map, t);
    if (changed !== map) target.set(t, changed);
  };
}

export function mapIn(value: Value): ValueMap {
  return isMap(value) ? value : fail(`a map is wanted here, got ${typeName(value)}`);
}

/** Removes one key. */
export function removeKey(args: Arguments, keyOf: (t: Telemetry) => string): Run {
  const target = args.target(0);
  const { attributes } = target;
  if (attributes === undefined)
    return (t) => {
      const map = mapIn(target.get(t));
      const key = keyOf(t);
      if (!map.has(key)) return;
      const left = new Map(map);
      left.delete(key);
      target.set(t, left);
    };
  let last = '';
  let bytes: Buffer = Buffer.alloc(0);
  return (t) => {
    const message = attributes.of(t);
    const key = keyOf(t);
    if (key !== last) {
      last = key;
      bytes = Buffer.from(key);
    }
    if (message?.find(attributes.field(t), bytes) === true) message.remove(message.row);
  };
}
