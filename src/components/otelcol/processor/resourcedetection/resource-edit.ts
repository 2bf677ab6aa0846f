/**
 * Puts what was detected into the resources of a batch. Attributes are made into bytes once; a resource that already has them as they
 * are is not touched.
 *
 *     entry   1 resource { 1 attribute* }   3 schema_url
 */
import type { Editing } from '#components/kit/edit/processor.ts';
import { writeAnyValue, type PlainValue } from '#codec/otlp/any-value.ts';
import { ENTRY, KEY_VALUE, RESOURCE } from '#codec/otlp/fields.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import type { Detected, Value } from './detectors/detector.ts';

interface Attribute {
  readonly key: Buffer;
  /** An AnyValue. */
  readonly value: Buffer;
  /** A KeyValue of both. */
  readonly pair: Buffer;
}

/** `override`: attributes that a resource has are replaced, else they stay. A schema URL that is there always stays. */
export function editingOf({ attributes, schemaUrl }: Detected, override: boolean): Editing {
  const added = [...attributes].map(([key, value]) => attributeOf(key, value));
  const resource = (t: Telemetry): boolean => {
    for (let i = 0; i < added.length; i++) put(t, added[i], override);
    if (schemaUrl !== '') putSchemaUrl(t, schemaUrl);
    return true;
  };
  const runs = added.length === 0 && schemaUrl === '' ? [] : [{ resource }];
  return { runs: [runs, runs, runs] };
}

function put({ resource }: Telemetry, { key, value, pair }: Attribute, override: boolean): void {
  const isThere = resource.find(RESOURCE.attributes, key);
  if (isThere && (!override || value.compare(resource.buf, resource.start, resource.stop) === 0)) return;
  const { row } = resource;
  const mark = resource.mark();
  resource.scratch.bytes(RESOURCE.attributes, pair);
  if (isThere) resource.replace(row, mark);
  else resource.append(mark);
}

function putSchemaUrl({ resourceEntry }: Telemetry, schemaUrl: string): void {
  if (resourceEntry.locate(ENTRY.schemaUrl) && resourceEntry.stop > resourceEntry.start) return;
  const mark = resourceEntry.mark();
  resourceEntry.scratch.string(ENTRY.schemaUrl, schemaUrl);
  resourceEntry.put(ENTRY.schemaUrl, mark);
}

function attributeOf(key: string, value: Value): Attribute {
  const out = new Writer();
  writeAnyValue(out, plainOf(value));
  const bytes = out.finish();
  out.reset();
  out.string(KEY_VALUE.key, key);
  out.bytes(KEY_VALUE.value, bytes);
  return { key: Buffer.from(key), value: bytes, pair: out.finish() };
}

/** A bigint is an int there, a number a double. */
const plainOf = (value: Value): PlainValue => (typeof value === 'number' ? BigInt(value) : value);
