/** Parcels as plain objects, for tests: independent of the code that writes them and of the code that merges them. */
import { RESOURCE_RECORD, ROW_RECORD } from '#components/kit/series/parcel.ts';
import { messageType } from './otlp-proto.ts';

export interface ReadResource {
  readonly key: string;
  readonly attributes: Record<string, unknown>;
  readonly lastMs: number;
}
export interface ReadRow {
  readonly group: number;
  readonly counted: number;
  readonly resource: ReadResource;
  readonly key: string;
  /** Values as protobufjs gives them: of a string the string, else the AnyValue. In order. */
  readonly attributes: Record<string, unknown>;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly values: readonly number[];
  readonly exemplars: readonly {
    readonly value: number;
    readonly traceId: string;
    readonly spanId: string;
    readonly instrument: number;
  }[];
}

/** All rows of some parcels, in order. Throws when one is not as described. */
export function readParcels(parcels: readonly Uint8Array[]): ReadRow[] {
  return parcels.flatMap(readParcel);
}

export function readParcel(parcel: Uint8Array): ReadRow[] {
  const buf = Buffer.from(parcel.buffer, parcel.byteOffset, parcel.byteLength);
  if (parcel.byteLength !== parcel.buffer.byteLength) throw new Error('memory that is not its own');
  const rows: ReadRow[] = [];
  const resources = new Map<number, ReadResource>();
  let at = 8;
  let records = buf.readUInt32LE(4);
  for (; records > 0; records--) {
    if (at % 8 !== 0) throw new Error(`record at ${at}`);
    const kind = buf[at];
    if (kind === RESOURCE_RECORD) {
      const key = at + 24;
      const attributes = key + buf.readUInt32LE(at + 16);
      const end = attributes + buf.readUInt32LE(at + 20);
      resources.set(buf.readUInt32LE(at + 4), {
        key: buf.toString('latin1', key, attributes),
        attributes: plain(
          (messageType('Resource').decode(buf.subarray(attributes, end)) as unknown as { attributes: Pair[] })
            .attributes,
        ),
        lastMs: buf.readDoubleLE(at + 8),
      });
      at = end;
    } else if (kind === ROW_RECORD) {
      const resource = resources.get(buf.readUInt32LE(at + 4));
      if (resource === undefined) throw new Error('a row of a resource that was not stated');
      const exemplarCount = buf.readUInt32LE(at + 32);
      const valueCount = buf.readUInt32LE(at + 36);
      const exemplars = at + 40 + valueCount * 8;
      const key = exemplars + exemplarCount * 40;
      const attributes = key + buf.readUInt32LE(at + 24);
      const end = attributes + buf.readUInt32LE(at + 28);
      rows.push({
        group: buf[at + 1],
        counted: buf.readUInt16LE(at + 2),
        resource,
        key: buf.toString('latin1', key, attributes),
        attributes: plain(pairs(buf.subarray(attributes, end))),
        firstMs: buf.readDoubleLE(at + 8),
        lastMs: buf.readDoubleLE(at + 16),
        values: Array.from({ length: valueCount }, (_, i) => buf.readDoubleLE(at + 40 + i * 8)),
        exemplars: Array.from({ length: exemplarCount }, (_, i) => exemplars + i * 40).map((e) => ({
          value: buf.readDoubleLE(e),
          traceId: buf.toString('hex', e + 8, e + 24),
          spanId: buf.toString('hex', e + 24, e + 32),
          instrument: buf.readUInt32LE(e + 32),
        })),
      });
      at = end;
    } else throw new Error(`record ${kind} at ${at}`);
    at = (at + 7) & ~7;
  }
  if (at !== buf.length) throw new Error(`${buf.length - at} bytes too many`);
  return rows;
}

interface Pair {
  readonly key: string;
  readonly value: Record<string, unknown> | null;
}

/** As whole fields of a Resource message they can be read. */
function pairs(buf: Buffer): Pair[] {
  const all: Buffer[] = [];
  for (let at = 0; at < buf.length;) {
    let length = 0;
    const from = at;
    for (let shift = 0; ; shift += 7) {
      const byte = buf[at++];
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += length;
    all.push(Buffer.from([0x0a]), buf.subarray(from, at));
  }
  return (messageType('Resource').decode(Buffer.concat(all)) as unknown as { attributes: Pair[] }).attributes;
}

function plain(attributes: readonly Pair[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const json = messageType('KeyValue').toObject({ key, value } as never, { longs: String }) as {
        value?: Record<string, unknown>;
      };
      return [key, json.value?.['stringValue'] ?? json.value ?? null];
    }),
  );
}
