import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Columns } from '#config/print/columns.ts';

/** Lines of cells divided by `|`; a line that ends with `;` ends its section. Leading tabs are the depth. */
function lay(...lines: string[]): string[] {
  const columns = new Columns();
  for (const line of lines) {
    const depth = /^\t*/.exec(line)![0].length;
    const cells = line.slice(depth).replace(/;$/, '').split('|');
    for (const [i, cell] of cells.entries()) {
      if (i > 0) columns.cell();
      columns.text(cell, depth);
    }
    columns.endLine(line.endsWith(';'));
  }
  return columns.finish().split('\n');
}

test('cells of neighbouring lines are as wide as the widest and a blank', () => {
  assert.deepEqual(lay('a|= 1', 'long|= 2', 'bb|= 3'), ['a    = 1', 'long = 2', 'bb   = 3']);
});

test('a line without the cell and the end of a section end a column', () => {
  assert.deepEqual(lay('a|= 1', 'x', 'long|= 2'), ['a = 1', 'x', 'long = 2']);
  assert.deepEqual(lay('a|= 1;', 'long|= 2'), ['a = 1', 'long = 2']);
});

test('later columns go over the lines that have them', () => {
  assert.deepEqual(lay('a|= 1|// x', 'b|= 222|// y', 'long|= 3', 'd|= 4|// z'), [
    'a    = 1   // x',
    'b    = 222 // y',
    'long = 3',
    'd    = 4 // z',
  ]);
});

test('width is counted in code points', () => {
  assert.deepEqual(lay('😀é|= 1', 'abc|= 2'), ['😀é  = 1', 'abc = 2']);
});

test('indentation is a column of its own, filled with tabs', () => {
  assert.deepEqual(lay('a|= 1', '\tb|= 2', '\tccc|= 3'), ['a = 1', '\tb   = 2', '\tccc = 3']);
  assert.deepEqual(lay('a_long_cell|= 1', '\tb|= 2'), ['a_long_cell = 1', '\t\tb = 2']);
});

test('a cell beyond all measure does not widen others', () => {
  const wide = 'w'.repeat(5000);
  assert.deepEqual(lay('a|= 1', `${wide}|= 2`, 'bb|= 3', 'c|= 4'), ['a = 1', `${wide} = 2`, 'bb = 3', 'c  = 4']);
});
