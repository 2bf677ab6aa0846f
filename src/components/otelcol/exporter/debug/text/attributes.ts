/** Attributes and other values as the Collector's debug exporter writes them. */
import { ANY_VALUE, KEY_VALUE } from '#codec/otlp/fields.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';
import { Reader } from '#codec/protobuf/reader.ts';

/** Names of value types by their field in AnyValue. */
const TYPE_NAMES = new Map<number, string>([
  [ANY_VALUE.stringValue, 'Str'],
  [ANY_VALUE.boolValue, 'Bool'],
  [ANY_VALUE.intValue, 'Int'],
  [ANY_VALUE.doubleValue, 'Double'],
  [ANY_VALUE.arrayValue, 'Slice'],
  [ANY_VALUE.kvlistValue, 'Map'],
  [ANY_VALUE.bytesValue, 'Bytes'],
]);

const pair = new MessageView();
const each = new Occurrences();
const member = new Reader();

/** Calls `visit` with the key and the range of the value of each KeyValue in the repeated `field`. */
function forEach(
  view: MessageView,
  field: number,
  visit: (key: string, buf: Buffer, start: number, stop: number) => void,
): void {
  for (each.over(view, field); each.next();) {
    pair.reset(view.buf, each.start, each.stop);
    visit(pair.string(KEY_VALUE.key), view.buf, pair.start(KEY_VALUE.value), pair.stop(KEY_VALUE.value));
  }
}

/** `key=value` for each attribute. */
export function plainAttributes(view: MessageView, field: number): string[] {
  const out: string[] = [];
  forEach(view, field, (key, buf, start, stop) => out.push(`${key}=${valueText(buf, start, stop)}`));
  return out;
}

/** A header line and `-> key: Type(value)` for each attribute, indented by five more blanks than the header; nothing for none. */
export function listAttributes(out: string[], header: string, view: MessageView, field: number): void {
  if (!view.has(field)) return;
  out.push(`${header}:`);
  const indent = header.includes('->') ? header.slice(0, header.indexOf('->')) : '';
  forEach(view, field, (key, buf, start, stop) => out.push(`${indent}     -> ${key}: ${typedValue(buf, start, stop)}`));
}

/** `Str(text)`, `Int(1)`, `Map({"a":1})`, `Empty()` of the AnyValue in `buf[start, stop)`. */
export function typedValue(buf: Buffer, start: number, stop: number): string {
  let name = 'Empty';
  for (member.reset(buf, start, stop); member.next();) name = TYPE_NAMES.get(member.field) ?? name;
  return `${name}(${valueText(buf, start, stop)})`;
}
