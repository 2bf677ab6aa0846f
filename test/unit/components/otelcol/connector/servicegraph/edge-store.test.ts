import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EdgeStore } from '#components/otelcol/connector/servicegraph/edge-store.ts';
import { idBytes } from '#test/support/graph-spans.ts';
import fc from 'fast-check';

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const ids = (trace: number, span: number): DataView => viewOf(Buffer.concat([idBytes(trace, 16), idBytes(span, 8)]));
function look(store: EdgeStore, trace: number, span: number): number {
  store.key(ids(trace, span), 0, 16);
  return store.find();
}

describe('EdgeStore', () => {
  it('holds what a map of strings holds, in the order of age, whatever comes and goes', () => {
    const id = fc.integer({ min: 0, max: 40 });
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ what: fc.constant('half' as const), trace: id, span: id }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('sweep' as const), ms: fc.integer({ min: 0, max: 30 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 700 }), (steps) => {
        const store = new EdgeStore();
        const model = new Map<string, { readonly createdMs: number; readonly mark: number }>();
        let nowMs = 0;
        for (const [mark, now] of steps.entries()) {
          if (now.what === 'half') {
            const key = `${now.trace}/${now.span}`;
            const known = model.get(key);
            const slot = look(store, now.trace, now.span);
            assert.equal(slot >= 0, known !== undefined);
            if (known !== undefined) {
              assert.equal(store.client[slot], known.mark);
              assert.equal(store.createdMs[slot], known.createdMs);
              assert.equal(store.isRoot(slot), now.span === 0);
              store.remove(slot);
              model.delete(key);
            } else {
              const made = store.insert(nowMs);
              assert.equal(store.client[made] + store.server[made] + store.peer[made] + store.failed[made], 0);
              store.client[made] = mark;
              model.set(key, { createdMs: nowMs, mark });
            }
          } else {
            nowMs += now.ms;
            while (store.oldest >= 0 && nowMs - store.createdMs[store.oldest] > 40) store.remove(store.oldest);
            for (const [key, { createdMs }] of model) if (nowMs - createdMs > 40) model.delete(key);
          }
          assert.equal(store.size, model.size);
        }
        const inOrder: number[] = [];
        for (let slot = store.oldest; slot >= 0; slot = store.after(slot)) inOrder.push(store.client[slot]);
        assert.deepEqual(
          inOrder,
          [...model.values()].map(({ mark }) => mark),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('grows, and finds everything after that', () => {
    const store = new EdgeStore();
    for (let i = 0; i < 5000; i++) {
      assert.equal(look(store, i, i * 3), -1);
      const slot = store.insert(i);
      store.client[slot] = i;
    }
    for (let i = 0; i < 5000; i++) assert.equal(store.client[look(store, i, i * 3)], i);
    assert.equal(store.size, 5000);
  });

  it('tells ids apart that differ in one byte, and takes none as zeros', () => {
    const store = new EdgeStore();
    const key = Buffer.alloc(24, 9);
    for (let byte = 0; byte < 24; byte++) {
      key[byte] ^= 1;
      store.key(viewOf(key), 0, 16);
      assert.equal(store.find(), -1, `byte ${byte}`);
      store.insert(0);
      key[byte] ^= 1;
    }
    store.key(viewOf(key), -1, -1);
    const slot = store.insert(0);
    store.key(viewOf(Buffer.alloc(24)), 0, 16);
    assert.equal(store.find(), slot);
    assert.ok(store.isRoot(slot));
  });
});
