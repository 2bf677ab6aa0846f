/**
 * One forward pass over an export request: full validation (`check.ts`), the number of items and, on demand, an index of its
 * parts. Runs on the main thread once for every request that comes in; allocates nothing.
 *
 *     request   0a entry*          entry  0a resource  12 scope entry*  1a schema_url
 *                                  scope  0a scope     12 item*         1a schema_url
 */
import { LENGTH } from '../protobuf/limits.ts';
import { fail, readLength, readTag, skipUnknown, varint, walkError } from '../protobuf/walk.ts';
import { checkMessage, checkSpan, spanTraceIdAt } from './check.ts';
import { countPoints } from './count.ts';
import { ENTRY, SCOPE_ENTRY } from './fields.ts';
import { traceIdHash } from './hash.ts';
import { ENTRY_TAG, type ItemIndex } from './item-index.ts';
import { ITEM_TYPES, RESOURCE_TYPE, SCOPE_TYPE } from './messages.ts';
import { METRICS, TRACES, type Signal } from './signal.ts';
import { attributesHash, targetHash } from './target-hash.ts';

const HEADER_TAG = (ENTRY.resource << 3) | LENGTH;
const CHILD_TAG = (ENTRY.scopes << 3) | LENGTH;
const SCHEMA_URL_TAG = (ENTRY.schemaUrl << 3) | LENGTH;

/** Positions are 32-bit integers all the way down. No ring takes a request of half this size. */
const MAX_END = 2 ** 30;

/** Depth of messages, the request being 1. */
const ENTRY_DEPTH = 2;
const SCOPE_DEPTH = 3;
const ITEM_DEPTH = 4;

/**
 * Validates `buf[start, end)` as a request of `signal` and fills `index` if one is given. Returns the number of items (spans,
 * data points, log records), or -1 if the bytes are malformed or reach beyond 1 GiB: then {@link scanError} says why and the
 * index means nothing.
 */
export function scan(signal: Signal, buf: Buffer, start: number, end: number, index: ItemIndex | null): number {
  if (end > MAX_END) return fail('request beyond 1 GiB', start);
  index?.reset(signal, start, end);
  let count = 0;
  let p = start;
  while (p < end) {
    const tagAt = p;
    p = readTag(buf, p, end);
    if (p < 0) return -1;
    if (varint !== ENTRY_TAG) {
      p = skipHeader(buf, p, end, varint, tagAt, false, 1);
      if (p < 0) return -1;
      index?.requestHeaders.addRange(tagAt, p);
      continue;
    }
    p = readLength(buf, p, end);
    if (p < 0) return -1;
    const stop = p + varint;
    const items = scanEntry(signal, buf, tagAt, p, stop, index);
    if (items < 0) return -1;
    count += items;
    p = stop;
  }
  if (index !== null) index.count = count;
  return count;
}

/** Why the last scan failed, for its sender: `trace id that is not 16 bytes at byte 212`. */
export function scanError(): string {
  return walkError();
}

function scanEntry(
  signal: Signal,
  buf: Buffer,
  entryAt: number,
  start: number,
  end: number,
  index: ItemIndex | null,
): number {
  const spans = signal === TRACES ? index : null;
  const resource = spans === null ? 0 : spans.resources.length;
  const firstHeader = spans === null ? 0 : spans.resourceHeaders.length;
  let resourceHash = 0;
  let count = 0;
  let p = start;
  while (p < end) {
    const tagAt = p;
    p = readTag(buf, p, end);
    if (p < 0) return -1;
    if (varint !== CHILD_TAG) {
      const tag = varint;
      if (tag === HEADER_TAG) {
        p = readLength(buf, p, end);
        if (p < 0) return -1;
        const stop = p + varint;
        if (checkMessage(RESOURCE_TYPE.id, buf, p, stop, ENTRY_DEPTH + 1) < 0) return -1;
        if (index !== null && spans === null) {
          const hashOf = signal === METRICS ? targetHash : attributesHash;
          resourceHash = (resourceHash + hashOf(buf, p, stop)) | 0;
        }
        p = stop;
      } else p = skipHeader(buf, p, end, tag, tagAt, true, ENTRY_DEPTH);
      if (p < 0) return -1;
      spans?.resourceHeaders.addRange(tagAt, p);
      continue;
    }
    p = readLength(buf, p, end);
    if (p < 0) return -1;
    const stop = p + varint;
    const items = scanScope(signal, buf, p, stop, spans, resource);
    if (items < 0) return -1;
    if (items === 0) spans?.resourceHeaders.addRange(tagAt, stop);
    count += items;
    p = stop;
  }
  if (index === null) return count;
  if (count === 0) {
    if (spans !== null) spans.resourceHeaders.length = firstHeader;
    index.requestHeaders.addRange(entryAt, end);
    return 0;
  }
  if (spans !== null) {
    const at = spans.resources.add();
    spans.resources.data[at] = firstHeader;
    spans.resources.data[at + 1] = spans.resourceHeaders.length;
  } else addItem(index, entryAt, end, resourceHash, count);
  return count;
}

function scanScope(
  signal: Signal,
  buf: Buffer,
  start: number,
  end: number,
  spans: ItemIndex | null,
  resource: number,
): number {
  const type = ITEM_TYPES[signal].id;
  const scope = spans === null ? 0 : spans.scopes.length;
  const firstHeader = spans === null ? 0 : spans.scopeHeaders.length;
  let count = 0;
  let p = start;
  while (p < end) {
    const tagAt = p;
    let tag = buf[p++];
    if (tag > 0x7f || tag < 8) {
      p = readTag(buf, tagAt, end);
      if (p < 0) return -1;
      tag = varint;
    }
    if (tag !== CHILD_TAG) {
      if (tag === HEADER_TAG) {
        p = readLength(buf, p, end);
        if (p < 0) return -1;
        p = checkMessage(SCOPE_TYPE.id, buf, p, p + varint, SCOPE_DEPTH + 1);
      } else p = skipHeader(buf, p, end, tag, tagAt, true, SCOPE_DEPTH);
      if (p < 0) return -1;
      spans?.scopeHeaders.addRange(tagAt, p);
      continue;
    }
    p = readLength(buf, p, end);
    if (p < 0) return -1;
    const stop = p + varint;
    if (signal === TRACES) {
      if (checkSpan(buf, p, stop, ITEM_DEPTH) < 0) return -1;
    } else if (checkMessage(type, buf, p, stop, ITEM_DEPTH) < 0) return -1;
    if (signal === METRICS) count += countPoints(buf, p, stop);
    else count++;
    if (spans !== null) addItem(spans, tagAt, stop, spanTraceIdAt < 0 ? 0 : traceIdHash(buf, spanTraceIdAt), scope);
    p = stop;
  }
  if (spans !== null) {
    if (count === 0) spans.scopeHeaders.length = firstHeader;
    else {
      const at = spans.scopes.add();
      spans.scopes.data[at] = resource;
      spans.scopes.data[at + 1] = firstHeader;
      spans.scopes.data[at + 2] = spans.scopeHeaders.length;
    }
  }
  return count;
}

function addItem(index: ItemIndex, start: number, end: number, hash: number, scopeOrCount: number): void {
  const at = index.items.add();
  const data = index.items.data;
  data[at] = start;
  data[at + 1] = end;
  data[at + 2] = hash;
  data[at + 3] = scopeOrCount;
}

/**
 * Position after a field that is neither an item nor a message to check, or -1. In an entry (`inEntry`) 1 to 3 are known
 * fields and must be length-delimited, in the request only 1 is.
 */
function skipHeader(
  buf: Buffer,
  p: number,
  end: number,
  tag: number,
  tagAt: number,
  inEntry: boolean,
  depth: number,
): number {
  const known = tag >>> 3 <= (inEntry ? SCOPE_ENTRY.schemaUrl : 1);
  if (known && tag !== SCHEMA_URL_TAG) return fail(`wrong wire type ${tag & 7} for field ${tag >>> 3}`, tagAt);
  return skipUnknown(buf, p, end, tag, tagAt, depth);
}
