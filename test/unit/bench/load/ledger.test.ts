import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger, type Verdict } from '#bench/load/ledger.ts';
import { makeWorkload, stampSendNumber, type Workload } from '#bench/load/workload.ts';
import { encodeMessage, messageType } from '#test/support/otlp-proto.ts';

const SPANS = 16;
const workload = makeWorkload(SPANS);

/** The request as the generator sends it under a send number. */
function sent(send: number, from: Workload = workload): Buffer {
  const payload = from.payloads[send % from.payloads.length];
  const bytes = Buffer.from(payload.bytes);
  stampSendNumber(bytes, 0, payload.spanIdAt, send);
  return bytes;
}

const take = (ledger: Ledger, bytes: Buffer): void => ledger.take(bytes, 0, bytes.length);
const CLEAN = { lost: 0, duplicated: 0, unexpected: 0, altered: 0, foreign: 0 };
const faults = ({ lost, duplicated, unexpected, altered, foreign }: Verdict): typeof CLEAN => ({
  lost,
  duplicated,
  unexpected,
  altered,
  foreign,
});

test('everything that was accepted arrived once: no fault, and spans were compared', () => {
  const ledger = new Ledger(workload);
  for (let send = 0; send < 200; send++) take(ledger, sent(send));
  const verdict = ledger.verdict(new Uint32Array(200).fill(1));
  assert.deepEqual(faults(verdict), CLEAN);
  assert.equal(verdict.received, 200 * SPANS);
  assert.equal(verdict.compared, 200);
});

test('batches hold several requests: concatenated messages count the same', () => {
  const ledger = new Ledger(workload);
  take(ledger, Buffer.concat([sent(0), sent(1), sent(2)]));
  assert.deepEqual(faults(ledger.verdict(Uint32Array.of(1, 1, 1))), CLEAN);
});

test('an accepted request that did not arrive is lost, span by span', () => {
  const ledger = new Ledger(workload);
  take(ledger, sent(0));
  assert.deepEqual(faults(ledger.verdict(Uint32Array.of(1, 1))), { ...CLEAN, lost: SPANS });
});

test('a loss beyond the end of what arrived is seen', () => {
  const accepted = new Uint32Array(100_000);
  accepted[99_999] = 1;
  assert.equal(new Ledger(workload).verdict(accepted).lost, SPANS);
});

test('a request that arrived twice is duplicated', () => {
  const ledger = new Ledger(workload);
  take(ledger, sent(0));
  take(ledger, sent(0));
  assert.deepEqual(faults(ledger.verdict(Uint32Array.of(1))), { ...CLEAN, duplicated: SPANS });
});

test('a loss and a duplicate do not cancel each other', () => {
  const ledger = new Ledger(workload);
  take(ledger, sent(0));
  take(ledger, sent(0));
  assert.deepEqual(faults(ledger.verdict(Uint32Array.of(1, 1))), { ...CLEAN, lost: SPANS, duplicated: SPANS });
});

test('spans of a refused request that arrive all the same are unexpected', () => {
  const ledger = new Ledger(workload);
  take(ledger, sent(0));
  assert.deepEqual(faults(ledger.verdict(Uint32Array.of(0))), { ...CLEAN, unexpected: SPANS });
});

test('one request sent several times under one number is due several times', () => {
  const ledger = new Ledger(workload);
  for (let i = 0; i < 3; i++) take(ledger, sent(5));
  const accepted = new Uint32Array(6);
  accepted[5] = 3;
  assert.deepEqual(faults(ledger.verdict(accepted)), CLEAN);
  accepted[5] = 4;
  assert.equal(ledger.verdict(accepted).lost, SPANS);
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
    const ledger = new Ledger(workload);
    take(ledger, changed(sent(70), change));
    assert.equal(ledger.verdict(Uint32Array.of(0)).altered, 1, what);
  }
  const ledger = new Ledger(workload);
  take(
    ledger,
    changed(sent(70), () => undefined),
  );
  assert.equal(ledger.verdict(Uint32Array.of(0)).altered, 0);
});

test('span ids that no generator made are foreign', () => {
  const ledger = new Ledger(workload);
  take(
    ledger,
    changed(sent(0), (r) => (r.resourceSpans[0].scopeSpans[0].spans[0].spanId = Buffer.alloc(8, 1))),
  );
  assert.deepEqual(faults(ledger.verdict(Uint32Array.of(1))), { ...CLEAN, foreign: 1, lost: 1 });
});

test('malformed bytes throw', () => {
  const bytes = sent(0);
  assert.throws(() => take(new Ledger(workload), bytes.subarray(0, bytes.length - 1)));
});
