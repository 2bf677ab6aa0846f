/**
 * The resource of a series as its key and its attributes: all of an item's resource, or the configured ones. Attributes in another
 * order are the same resource. Reused; valid until the next time.
 */
import { RESOURCE, KEY_VALUE } from '#codec/otlp/fields.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { isCanonical, rewritten } from './canonical.ts';
import { AttributeSelection, type Wanted } from './selection.ts';
import { RESOURCE_ATTRIBUTES } from './sources.ts';

const TAG = Buffer.from([(RESOURCE.attributes << 3) | LENGTH]);

export interface ResourceIdentity {
  /** Both ranges are whole buffers. */
  readonly key: Buffer;
  /** Whole KeyValue fields of a Resource message. */
  readonly attributes: Buffer;
}

/** The whole resource. */
export function wholeResource(t: Telemetry): ResourceIdentity {
  const { resource } = t;
  const fields: Buffer[] = [];
  const writer = new Writer(128);
  for (let row = resource.first(RESOURCE.attributes); row !== 0; row = resource.next(row)) {
    resource.pair(row);
    const { buf, keyStart, keyStop, start, stop } = resource;
    writer.reset();
    const mark = writer.begin(RESOURCE.attributes);
    // As text: what is not UTF-8 becomes the same as everywhere.
    writer.string(KEY_VALUE.key, buf.toString('utf8', keyStart, keyStop));
    if (isCanonical(buf, start, stop)) writer.bytes(KEY_VALUE.value, buf, start, stop);
    else writer.bytes(KEY_VALUE.value, rewritten(buf, start, stop));
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
      { sources: [RESOURCE_ATTRIBUTES], number: 0, scalars: false },
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
