/**
 * The resource of a series as its key and its attributes: all of an item's resource, or the configured ones. Attributes in another
 * order are the same resource. Reused; valid until the next time.
 */
import { RESOURCE, KEY_VALUE } from '#codec/otlp/fields.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { isCanonical, rewritten } from './canonical.ts';
import { AttributeSelection, type Source, type Wanted } from './selection.ts';

const TAG = Buffer.from([(RESOURCE.attributes << 3) | LENGTH]);
const FROM_RESOURCE: Source = (t) => ({ view: t.resource.view, field: RESOURCE.attributes });

export interface ResourceIdentity {
  /** Both ranges are whole buffers. */
  readonly key: Buffer;
  /** Whole KeyValue fields of a Resource message. */
  readonly attributes: Buffer;
}

/** The whole resource. */
export function wholeResource(t: Telemetry): ResourceIdentity {
  const { buf, start, end } = t.resource;
  const fields: Buffer[] = [];
  const writer = new Writer(128);
  const pair = new Reader();
  for (const reader = new Reader().reset(buf, start, end); reader.next();) {
    if (reader.field !== RESOURCE.attributes || reader.wire !== LENGTH) continue;
    writer.reset();
    let key = '';
    let from = 0;
    let to = 0;
    pair.reset(buf, reader.start, reader.stop);
    while (pair.next()) {
      if (pair.field === KEY_VALUE.key) key = pair.string();
      else if (pair.field === KEY_VALUE.value) {
        from = pair.start;
        to = pair.stop;
      }
    }
    const mark = writer.begin(RESOURCE.attributes);
    writer.string(KEY_VALUE.key, key);
    if (isCanonical(buf, from, to)) writer.bytes(KEY_VALUE.value, buf, from, to);
    else writer.bytes(KEY_VALUE.value, rewritten(buf, from, to));
    writer.end(mark);
    fields.push(writer.finish());
  }
  return identityOf(fields);
}

/** Some of its attributes, each left out where it is missing and nothing stands for it. */
export class SelectedResource {
  readonly #selection: AttributeSelection;

  constructor(wanted: readonly Omit<Wanted, 'optional'>[]) {
    this.#selection = new AttributeSelection(
      wanted.map((one) => ({ ...one, optional: true })),
      { sources: [FROM_RESOURCE], number: 0, scalars: false },
    );
  }

  identity(t: Telemetry): ResourceIdentity {
    this.#selection.select(t);
    const { buf, length } = this.#selection.attributes();
    const fields: Buffer[] = [];
    // Each attribute has its length in front; in a Resource message there is a tag before that.
    for (let at = 0; at < length;) {
      let size = 0;
      let head = at;
      for (let scale = 1; ; scale *= 0x80) {
        const byte = buf[head++];
        size += (byte & 0x7f) * scale;
        if (byte < 0x80) break;
      }
      fields.push(Buffer.concat([TAG, buf.subarray(at, head + size)]));
      at = head + size;
    }
    return identityOf(fields);
  }
}

function identityOf(fields: readonly Buffer[]): ResourceIdentity {
  return { key: Buffer.concat(fields.toSorted((a, b) => Buffer.compare(a, b))), attributes: Buffer.concat(fields) };
}
