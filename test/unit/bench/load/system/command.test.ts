import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillIn, parseCommand } from '#bench/load/system/command.ts';

test('words, quotes and variables before the program', () => {
  assert.deepEqual(parseCommand(`A=1 B='two words' /opt/x --flag "a 'b'" c=d ''`), {
    env: { A: '1', B: 'two words' },
    program: '/opt/x',
    args: ['--flag', "a 'b'", 'c=d', ''],
  });
});

test('a command that makes no sense is told', () => {
  assert.throws(() => parseCommand('  '), /names no program/);
  assert.throws(() => parseCommand('A=1'), /names no program/);
  assert.throws(() => parseCommand('x "y'), /a quote that does not end/);
});

test('placeholders are filled in, other braces stay', () => {
  assert.equal(fillIn('{listen} {a: 1} {nothing} {sink}{sink}', { listen: 'L', sink: 'S' }), 'L {a: 1} {nothing} SS');
});
