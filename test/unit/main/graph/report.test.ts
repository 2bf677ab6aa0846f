import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { diagnostic, type Diagnostic } from '#config/diag/diagnostic.ts';
import { MAX_FINDINGS } from '#config/diag/findings.ts';
import { Report } from '#main/graph/report.ts';

const at = (line: number, message = 'wrong', file = 'a.alloy'): Diagnostic =>
  diagnostic('error', 'type', message, { file, line, col: 1, endLine: line, endCol: 2 }, 'help');
const messages = (report: Report): string[] => report.list().map(({ message }) => message);

describe('a mistake', () => {
  test('of several instances is told once, of the first', () => {
    const report = new Report();
    report.add([at(1)], { where: ['in m "a"'], node: 'm.a/x' });
    report.add([at(1)], { where: ['in m "b"'], node: 'm.b/x' });
    assert.deepEqual(messages(report), ['wrong (in m "a")']);
  });

  test('that turns out to be of all instances names none', () => {
    const report = new Report();
    report.add([at(1)], { where: ['in m "a"'], node: 'm.a/x' });
    report.add([at(1)], { where: [] });
    assert.deepEqual(messages(report), ['wrong']);
    assert.deepEqual([...report.failed().keys()], ['m.a/x']);
  });

  test('far inside names the ends of the way', () => {
    const report = new Report();
    report.add([at(1)], { where: ['1', '2', '3', '4', '5'] });
    assert.deepEqual(messages(report), ['wrong (1, 2, ..., 5)']);
  });

  test('in a secret text is not shown', () => {
    const report = new Report();
    report.conceal('s.alloy');
    report.add([at(1, 'hunter2', 's.alloy'), at(2, 'seen')], { node: 'x' });
    assert.deepEqual(messages(report), ['a mistake of the kind "type"; the text of this module is a secret', 'seen']);
    assert.doesNotMatch(JSON.stringify([report.list(), [...report.failed()]]), /hunter2/);
  });

  test('is one of at most so many', () => {
    const report = new Report();
    for (let line = 1; line <= MAX_FINDINGS + 10; line++) report.add([at(line)], { where: ['in m "a"'] });
    report.add([at(1)]);
    assert.equal(report.list().length, MAX_FINDINGS);
    assert.equal(messages(report)[0], 'wrong');
  });
});
