/** What the scripts offer, asked in the shells themselves where they are found. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { COMMANDS } from '#main/cli/commands.ts';
import { Terminal } from '../terminal.ts';

let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-completion-'));
  const terminal = new Terminal();
  for (const shell of ['bash', 'zsh', 'fish']) {
    assert.equal(await terminal.run('completion', shell), 0);
    writeFileSync(join(folder, shell), terminal.out);
  }
});
after(() => rmSync(folder, { recursive: true }));

const missing = (shell: string): string | false =>
  spawnSync(shell, ['-c', 'true']).error === undefined ? false : `${shell} is not there`;

/** What the shell says; its input is left empty. */
function ask(shell: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8', cwd: folder, input: '' });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
}

/** The last word is the one that is completed. */
const cases: [words: string[], offered: string[]][] = [
  [['v'], ['validate']],
  [['run', '--config.f'], ['--config.format']],
  [
    ['run', '--config.format', ''],
    ['auto', 'alloy', 'otelcol', 'prometheus', 'promtail', 'static'],
  ],
  [['convert', '-f', 'o'], ['otelcol']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['help', 'f'], ['fmt']],
  [['components', '--fo'], ['--format']],
];

describe('bash', { skip: missing('bash') }, () => {
  const complete = (...words: string[]): string[] => {
    const script = `source ./bash; COMP_WORDS=(millrace "$@"); COMP_CWORD=$#; _millrace; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return ask('bash', '-c', script, 'bash', ...words)
      .split('\n')
      .filter((line) => line !== '');
  };
  for (const [words, offered] of cases) test(words.join(' '), () => assert.deepEqual(complete(...words), offered));

  test('bash splits at "="', () => {
    assert.deepEqual(complete('run', '--config.format', '=', 'ot'), ['otelcol']);
    assert.equal(complete('run', '--config.format', '=').length, 6);
  });

  test('every command is offered', () => {
    assert.deepEqual(complete(''), [...COMMANDS.map(({ name }) => name), 'help']);
  });

  test('where a file may stand nothing is offered, so that readline offers files', () => {
    assert.deepEqual(complete('run', ''), []);
    assert.deepEqual(complete('convert', '-o', ''), []);
  });
});

describe('fish', { skip: missing('fish') }, () => {
  for (const [words, offered] of cases)
    test(words.join(' '), () => {
      const lines = ask('fish', '-c', 'source ./fish; complete -C "$argv"', `millrace ${words.join(' ')}`).split('\n');
      const found = lines.filter((line) => line !== '').map((line) => line.split('\t')[0]);
      assert.deepEqual(found.sort(), offered.toSorted());
    });
});

test('zsh can read its script', { skip: missing('zsh') }, () => {
  ask('zsh', '-f', '-n', 'zsh');
});

test('zsh: what ends a description or a word is quoted', async () => {
  const terminal = new Terminal();
  await terminal.run('completion', 'zsh');
  const lines = terminal.out.split('\n');
  assert.ok(lines.some((line) => line.includes("'*--set=[One value that wins over the files\\: ")));
  assert.ok(terminal.out.startsWith('#compdef millrace\n'));
});
