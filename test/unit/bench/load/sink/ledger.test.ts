import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeWorkload } from '#bench/load/payload/catalog.ts';
import { stampSendNumber, type Workload } from '#bench/load/payload/workload.ts';
import { SendSet } from '#bench/load/send-set.ts';
import { RepeatedArrivals, UniqueArrivals, type Accepted } from '#bench/load/sink/arrivals.ts';
import { Ledger, type Verdict } from '#bench/load/sink/ledger.ts';
import { encodeMessage, messageType } from '#test/support/otlp-proto.ts';

const SPANS = 16;
const workload = makeWorkload('shop', SPANS);
const newLedger = (): Ledger => new Ledger(workload, new UniqueArrivals(SPANS));
/** The sends with these numbers were accepted. */
function accepted(...sends: number[]): Accepted {
  const set = new SendSet();
  for (const send of sends) set.add(send);
  return { numbers: 'unique', accepted: set.blocks };
}
const upTo = (end: number): number[] => Array.from({ length: end }, (_, send) => send);

/** The request as the generator sends it under a send number. */
function sent(send: number, from: Workload = workload): Buffer {
  const payload = from.payloads[send % from.payloads.length];
  const bytes = Buffer.from(payload.bytes);
  stampSendNumber(bytes, payload.spanIdAt, send);
  return bytes;
}

const take = (ledger: Ledger, bytes: Buffer): number => ledger.take(bytes, 0, bytes.length);
const CLEAN = { lost: 0, duplicated: 0, unexpected: 0, altered: 0, foreign: 0 };
const faults = ({ lost, duplicated, unexpected, altered, foreign }: Verdict): typeof CLEAN => ({
  lost,
  duplicated,
  unexpected,
  altered,
  foreign,
});

test('everything that was accepted arrived once: no fault, and spans were compared', () => {
  const ledger = newLedger();
  for (let send = 0; send < 200; send++) take(ledger, sent(send));
  const verdict = ledger.verdict(accepted(...upTo(200)));
  assert.deepEqual(faults(verdict), CLEAN);
  assert.equal(verdict.received, 200 * SPANS);
  assert.equal(verdict.compared, 200);
});

test('batches hold several requests: concatenated messages count the same', () => {
  const ledger = newLedger();
  take(ledger, Buffer.concat([sent(0), sent(1), sent(2)]));
  assert.deepEqual(faults(ledger.verdict(accepted(0, 1, 2))), CLEAN);
});

test('an accepted request that did not arrive is lost, span by span', () => {
  const ledger = newLedger();
  take(ledger, sent(0));
  assert.deepEqual(faults(ledger.verdict(accepted(0, 1))), { ...CLEAN, lost: SPANS });
});

test('a loss beyond the end of what arrived is seen', () => {
  assert.equal(newLedger().verdict(accepted(99_999)).lost, SPANS);
});

test('a request that arrived twice is duplicated', () => {
  const ledger = newLedger();
  take(ledger, sent(0));
  take(ledger, sent(0));
  assert.deepEqual(faults(ledger.verdict(accepted(0))), { ...CLEAN, duplicated: SPANS });
});

test('a loss and a duplicate do not cancel each other', () => {
  const ledger = newLedger();
  take(ledger, sent(0));
  take(ledger, sent(0));
  assert.deepEqual(faults(ledger.verdict(accepted(0, 1))), { ...CLEAN, lost: SPANS, duplicated: SPANS });
});

test('spans of a refused request that arrive all the same are unexpected', () => {
  const ledger = newLedger();
  take(ledger, sent(0));
  assert.deepEqual(faults(ledger.verdict(accepted())), { ...CLEAN, unexpected: SPANS });
});

test('requests that are sent again and again under one number are due as often as they were accepted', () => {
  const ledger = new Ledger(workload, new RepeatedArrivals(SPANS, 8));
  for (let i = 0; i < 3; i++) take(ledger, sent(5));
  const often = new Uint32Array(8);
  const verdict = (): Verdict => ledger.verdict({ numbers: 'repeated', accepted: often });
  assert.deepEqual(faults(verdict()), { ...CLEAN, unexpected: 3 * SPANS });
  often[5] = 3;
  assert.deepEqual(faults(verdict()), CLEAN);
  often[5] = 4;
  assert.equal(verdict().lost, SPANS);
  often[5] = 2;
  assert.equal(verdict().duplicated, SPANS);
  take(ledger, sent(8));
  assert.equal(verdict().foreign, SPANS);
});

/** A request as the oracle gives it: as much of its shape as the changes below touch. */
interface Decoded {
  resourceSpans: {
    resource?: { attributes: { value: { stringValue: string } }[] };
    scopeSpans: {
      scope: { version: string };
      spans: { name: string; flags: number; traceId: Buffer; spanId: Buffer }[];
    }[];
  }[];
}

const lastScope = (r: Decoded): Decoded['resourceSpans'][0]['scopeSpans'][0] => {
  const scopes = r.resourceSpans[0].scopeSpans;
  return scopes[scopes.length - 1];
};
/** The span that the ledger compares: the last of sixteen. */
const lastSpan = (r: Decoded): Decoded['resourceSpans'][0]['scopeSpans'][0]['spans'][0] => {
  const { spans } = lastScope(r);
  return spans[spans.length - 1];
};

/** The request with one change made through the oracle. */
function changed(bytes: Buffer, change: (request: Decoded) => void): Buffer {
  const type = messageType('ExportTraceServiceRequest');
  const request = type.toObject(type.decode(bytes), { longs: String }) as unknown as Decoded;
  change(request);
  return encodeMessage(type, { ...request });
}

test('a changed span, resource or scope is altered; the send number is not a change', () => {
  const cases: [string, (request: Decoded) => void][] = [
    ['name of the compared span', (r) => (lastSpan(r).name += '!')],
    ['its last field', (r) => (lastSpan(r).flags = 1)],
    ['its trace id', (r) => (lastSpan(r).traceId = Buffer.alloc(16, 9))],
    ['resource', (r) => (r.resourceSpans[0].resource!.attributes[0].value.stringValue = 'other')],
    ['resource gone', (r) => delete r.resourceSpans[0].resource],
    ['scope', (r) => (lastScope(r).scope.version = '0')],
  ];
  for (const [what, change] of cases) {
    const ledger = newLedger();
    take(ledger, changed(sent(70), change));
    assert.equal(ledger.verdict(accepted()).altered, 1, what);
  }
  const ledger = newLedger();
  take(
    ledger,
    changed(sent(70), () => undefined),
  );
  assert.equal(ledger.verdict(accepted()).altered, 0);
});

test('the same content in other bytes is re-encoded, not altered', () => {
  const type = messageType('ExportTraceServiceRequest');
  const request = type.decode(sent(70));
  // an empty status written out, as some encoders do
  for (const { spans } of (request as unknown as Decoded).resourceSpans[0].scopeSpans)
    for (const span of spans) if (!Object.hasOwn(span, 'status')) Object.assign(span, { status: {} });
  const writtenOut = Buffer.from(type.encode(request).finish());
  const ledger = newLedger();
  take(ledger, writtenOut);
  const { compared, reencoded, altered } = ledger.verdict(accepted(70));
  assert.deepEqual([compared, reencoded, altered], [1, 1, 0]);
});

test('span ids that no generator made are foreign', () => {
  const ledger = newLedger();
  take(
    ledger,
    changed(sent(0), (r) => (r.resourceSpans[0].scopeSpans[0].spans[0].spanId = Buffer.alloc(8, 1))),
  );
  assert.deepEqual(faults(ledger.verdict(accepted(0))), { ...CLEAN, foreign: 1, lost: 1 });
});

test('malformed bytes throw', () => {
  const bytes = sent(0);
  assert.throws(() => take(newLedger(), bytes.subarray(0, bytes.length - 1)));
});
