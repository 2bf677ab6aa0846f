import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJson } from '#config/schema/json.ts';
import { attr, block, body, stepsOf, type BodySchema, type Shape } from '#config/schema/schema.ts';
import { bool, string } from '#config/schema/types.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';

test('blocks of a sequence keep the order of writing across their names, and a body may contain itself', () => {
  const say = body({ text: attr(string, { required: true, doc: 'What.' }) });
  const nest: BodySchema<Shape> = body({}, undefined, { sequence: () => steps });
  const steps = {
    'do.say': block(say, { many: true, doc: 'Says.' }),
    'do.nest': block(nest, { many: true, doc: 'Nests.' }),
  };
  const schema = body({ ...steps, last: attr(bool, { default: false, doc: 'Last.' }) }, undefined, {
    sequence: () => steps,
  });
  const args = argsOf(
    schema,
    'do.say {\n text = "a"\n}\ndo.nest {\n do.say {\n text = "b"\n }\n do.nest { }\n}\nlast = true\ndo.say {\n text = "c"\n}',
  );
  const told = (list: ReturnType<typeof stepsOf>): unknown =>
    list.map((step) =>
      step.name === 'do.say' ? (step.args as { text: string }).text : told(stepsOf(step.args as object)),
    );
  assert.deepEqual(told(stepsOf(args)), ['a', ['b', []], 'c']);
  assert.equal(args.last, true);
  assert.deepEqual(
    toJson(schema, args).map(({ name }) => name),
    ['last', 'do.say', 'do.nest', 'do.say'],
  );
  assert.deepEqual(decodeArgs(schema, 'do.nest {\n do.sya { text = "x" }\n}').problems, [
    '2: unrecognized block name "do.sya"',
  ]);
});
