import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectGarbage } from '#shared/collect-garbage.ts';

test('what nobody holds is gone, without a flag of Node', () => {
  const made = (): WeakRef<object> => new WeakRef({ nobody: 'holds it' });
  const ref = made();
  return new Promise<void>((resolve) => {
    // A WeakRef keeps its target until the turn ends.
    setImmediate(() => {
      collectGarbage();
      assert.equal(ref.deref(), undefined);
      resolve();
    });
  });
});
