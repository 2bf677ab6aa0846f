import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandOvers } from '#main/supervisor/hand-overs.ts';

class Worker {
  readonly finishedNodes: string[] = [];
  finished(nodeId: string): void {
    this.finishedNodes.push(nodeId);
  }
}

test('a node is passed on once its part has stopped in every worker, and only then do they go on', async () => {
  const [a, b] = [new Worker(), new Worker()];
  const passed = Promise.withResolvers<void>();
  const asked: string[] = [];
  const handOvers = new HandOvers(() => [a, b]);
  handOvers.listen({
    due: () => {},
    finishing: (id) => {
      asked.push(id);
      return passed.promise;
    },
  });
  handOvers.finishing(a, 'x');
  handOvers.finishing(a, 'y');
  assert.deepEqual(asked, []);
  handOvers.finishing(b, 'x');
  assert.deepEqual(asked, ['x']);
  assert.deepEqual(a.finishedNodes, []);
  passed.resolve();
  await passed.promise;
  assert.deepEqual([a.finishedNodes, b.finishedNodes], [['x'], ['x']]);
});

test('nobody waits for a worker that has died', () => {
  const [a, b] = [new Worker(), new Worker()];
  let living = [a, b];
  const asked: string[] = [];
  const handOvers = new HandOvers(() => living);
  handOvers.listen({ due: () => {}, finishing: async (id) => void asked.push(id) });
  handOvers.finishing(a, 'x');
  living = [a];
  handOvers.look();
  assert.deepEqual(asked, ['x']);
});
