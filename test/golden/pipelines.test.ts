/**
 * What each component makes of data, as the tests of `pipelines` say: `millrace trace-test` runs each of them through the real
 * pipeline. A component with a part in the workers has a file of its name.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { traceTest } from '#test/support/test-command.ts';
import { isSink } from '#trace-test/run/sinks.ts';

const FOLDER = join(import.meta.dirname, 'pipelines');
const FILES = readdirSync(FOLDER);

/** Components that a pipeline without a world around it cannot show, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

for (const file of FILES)
  test(file, async () => {
    const { code, out, err } = await traceTest(join(FOLDER, file));
    assert.equal(code, 0, `${out}${err}`);
  });

test('every component that hands something on has a file', () => {
  const wanted = [...COMPONENTS.values()]
    // What sends outside is a record of its input here: there is nothing to see of it.
    .filter((component) => component.worker !== undefined && !isSink(component))
    .map(({ name }) => name)
    .filter((name) => !Object.hasOwn(EXCEPTIONS, name));
  assert.deepEqual(FILES.toSorted(), wanted.map((name) => `${name}.yaml`).toSorted());
});
