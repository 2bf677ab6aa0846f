/**
 * Parcels as a worker would hand them over (`#components/kit/series/parcel.ts`), written from plain numbers and without anything
 * that workers use, so that both can be held against each other.
 */
import { fingerprint, type SeriesPlan } from '#components/kit/series/plan.ts';
import { encodeMessage, messageType } from './otlp-proto.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface TestExemplar {
  readonly instrument: number;
  readonly value: number;
  /** Hex. */
  readonly traceId: string;
  readonly spanId: string;
}

export interface TestRow {
  readonly group?: number;
  /** Its `service.name`, which is also its key. */
  readonly resource: string;
  /** More attributes of the resource. */
  readonly resourceAttributes?: Attributes;
  /** Text of the key; '' = the overflow row. */
  readonly key: string;
  /** Without them: `key` = the key. */
  readonly attributes?: Attributes;
  readonly firstMs: number;
  readonly lastMs?: number;
  /** By instrument: the values as in a parcel; null = it has not counted. */
  readonly values: readonly (readonly number[] | null)[];
  readonly exemplars?: readonly TestExemplar[];
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];

function keyValue(key: string, value: string | number | boolean): Buffer {
  const any =
    typeof value === 'string'
      ? { stringValue: value }
      : typeof value === 'boolean'
        ? { boolValue: value }
        : Number.isInteger(value)
          ? { intValue: value }
          : { doubleValue: value };
  return encodeMessage(messageType('KeyValue'), { key, value: any });
}

const pieces = (attributes: Attributes, tag: readonly number[]): Buffer =>
  Buffer.concat(
    Object.entries(attributes).flatMap(([key, value]) => {
      const content = keyValue(key, value);
      return [Buffer.from([...tag, ...varint(content.length)]), content];
    }),
  );

/** One parcel with these rows, resources in front of the first row that names them. */
export function writeParcel(plan: SeriesPlan, rows: readonly TestRow[]): Uint8Array<ArrayBuffer> {
  const numbers = new Map<string, number>();
  const records: Buffer[] = [];
  for (const row of rows) {
    if (!numbers.has(row.resource)) {
      numbers.set(row.resource, numbers.size);
      const ofResource = rows.filter(({ resource }) => resource === row.resource);
      records.push(resourceRecord(row, numbers.size - 1, Math.max(...ofResource.map((r) => r.lastMs ?? r.firstMs))));
    }
    records.push(rowRecord(plan, row, numbers.get(row.resource) as number));
  }
  const head = Buffer.alloc(8);
  head.writeUInt32LE(fingerprint(plan), 0);
  head.writeUInt32LE(records.length, 4);
  return new Uint8Array(Buffer.concat([head, ...records]));
}

function resourceRecord({ resource, resourceAttributes = {} }: TestRow, number: number, lastMs: number): Buffer {
  const key = Buffer.from(resource);
  const attributes = pieces({ 'service.name': resource, ...resourceAttributes }, [0x0a]);
  const head = Buffer.alloc(24);
  head[0] = 1;
  head.writeUInt32LE(number, 4);
  head.writeDoubleLE(lastMs, 8);
  head.writeUInt32LE(key.length, 16);
  head.writeUInt32LE(attributes.length, 20);
  return padded(Buffer.concat([head, key, attributes]));
}

function rowRecord(plan: SeriesPlan, row: TestRow, number: number): Buffer {
  const { group = 0, key, values, exemplars = [], firstMs } = row;
  const attributes = key === '' ? {} : (row.attributes ?? { key });
  const instruments = plan.groups[group].instruments;
  const all = instruments.flatMap(({ kind, bounds = [] }, i) => {
    const nothing = kind === 'exponential' ? [0, 0, 0, 0, 0, 20, 0, 0] : kind === 'histogram' ? 5 + bounds.length : 1;
    return values[i] ?? (typeof nothing === 'number' ? new Array<number>(nothing).fill(0) : nothing);
  });
  const keyBytes = Buffer.from(key);
  const attributeBytes = pieces(attributes, []);
  const head = Buffer.alloc(40);
  head[0] = 2;
  head[1] = group;
  head.writeUInt16LE(
    instruments.reduce((mask, _, i) => mask | ((values[i] ?? null) === null ? 0 : 1 << i), 0),
    2,
  );
  head.writeUInt32LE(number, 4);
  head.writeDoubleLE(firstMs, 8);
  head.writeDoubleLE(row.lastMs ?? firstMs, 16);
  head.writeUInt32LE(keyBytes.length, 24);
  head.writeUInt32LE(attributeBytes.length, 28);
  head.writeUInt32LE(exemplars.length, 32);
  head.writeUInt32LE(all.length, 36);
  return padded(
    Buffer.concat([
      head,
      Buffer.from(Float64Array.from(all).buffer),
      ...exemplars.map(exemplarRecord),
      keyBytes,
      attributeBytes,
    ]),
  );
}

function exemplarRecord({ instrument, value, traceId, spanId }: TestExemplar): Buffer {
  const record = Buffer.alloc(40);
  record.writeDoubleLE(value, 0);
  record.write(traceId, 8, 'hex');
  record.write(spanId, 24, 'hex');
  record.writeUInt32LE(instrument, 32);
  return record;
}

/** What a histogram with these bounds has after these observations, as in a parcel. */
export function histogramValues(bounds: readonly number[], observed: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of observed) {
    const bucket = bounds.findIndex((bound) => value <= bound);
    counts[bucket < 0 ? bounds.length : bucket]++;
  }
  return [
    observed.length,
    observed.reduce((a, b) => a + b, 0),
    Math.min(...observed),
    Math.max(...observed),
    ...counts,
  ];
}
