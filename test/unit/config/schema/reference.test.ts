import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reference } from '#config/schema/reference.ts';
import { attr, block, body } from '#config/schema/schema.ts';
import { bool, string } from '#config/schema/types.ts';

const switched = body({ enabled: attr(bool, { required: true, doc: 'Whether it is.' }) });

test('blocks of one body are one table, others have a section each', () => {
  const inner = body({
    a: block(switched, { optional: true, doc: 'First.' }),
    b: block(switched, { optional: true, doc: 'Second.' }),
  });
  const mixed = body({
    a: block(switched, { optional: true, doc: 'First.' }),
    c: block(body({ name: attr(string, { doc: 'A name.' }) }), { doc: 'Third.' }),
  });
  const schema = body({ alike: block(inner, { doc: 'Both.' }), mixed: block(mixed, { doc: 'Each.' }) });
  assert.equal(
    reference(schema).trim(),
    `### \`alike\`

Both. Optional.

### Blocks of \`alike\`

Each has the same arguments.

| block | description |
| --- | --- |
| \`a\` | First. Optional. |
| \`b\` | Second. Optional. |

| name | type | default | description |
| --- | --- | --- | --- |
| \`enabled\` | \`bool\` | required | Whether it is. |

### \`mixed\`

Each. Optional.

### \`mixed > a\`

First. Optional.

| name | type | default | description |
| --- | --- | --- | --- |
| \`enabled\` | \`bool\` | required | Whether it is. |

### \`mixed > c\`

Third. Optional.

| name | type | default | description |
| --- | --- | --- | --- |
| \`name\` | \`string\` |  | A name. |`,
  );
});
