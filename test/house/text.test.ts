/** What the files say: nothing about where they were written, no loose ends, no dead links or commands. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { RUN_FLAGS } from '#main/cli/flags.ts';
import { FILES, MANIFEST, read, ROOT } from './tree.ts';

const TEXT = FILES.filter((path) => !/\.(png|ico|woff2|bin|pb|gz|zst)$/.test(path));
/** This file names what it looks for. */
const OTHERS = TEXT.filter((path) => path !== 'test/house/text.test.ts');
const DOCUMENTS = FILES.filter((path) => path.endsWith('.md'));

/** Where `pattern` occurs, as file:line. */
function find(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [])),
  );
}

describe('text', () => {
  test('the search finds what is there', () => {
    assert.ok(find(OTHERS, /"name": "millrace"/).some((hit) => hit.startsWith('package.json:2')));
  });

  test('no paths of the machine on which it was written', () => {
    assert.deepEqual(
      find(OTHERS, /(^|[\s'"`(=:])\/(work|farm|root|home\/\w+|Users\/\w+|mnt\/\w+|tmp\/\w+_jobs)\//),
      [],
    );
  });

  test('no registry or mirror other than what every npm client uses', () => {
    assert.deepEqual(find(['package-lock.json'], /"resolved"/), []);
    assert.deepEqual(
      find(OTHERS, /\bregistry\s*=\s*http|\/\/[\w.-]*(artifactory|nexus|verdaccio|mirror)[\w.-]*\//i),
      [],
    );
  });

  test('the project speaks of itself, not of how it was written', () => {
    assert.deepEqual(
      find(
        OTHERS,
        /\bsub-?agents?\b|\bas an ai\b|\bchat (session|log|transcript)\b|\bthis session\b|\bmy (task|brief)\b|\bthe prompt says\b/i,
      ),
      [],
    );
  });

  test('no loose ends in the code', () => {
    const code = OTHERS.filter((path) => /\.(ts|tsx|mjs)$/.test(path));
    assert.deepEqual(find(code, /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck)|@ts-expect-error\s*$|\.only\(/), []);
  });

  test('text files end with one newline and use line feeds', () => {
    const wrong = TEXT.filter((path) => {
      const text = read(path);
      return text !== '' && (!text.endsWith('\n') || text.includes('\r\n'));
    });
    assert.deepEqual(
      wrong.filter((path) => !path.startsWith('test/golden/')),
      [],
    );
  });
});

describe('documents', () => {
  const commands = DOCUMENTS.flatMap((path) =>
    [...read(path).matchAll(/\bnpm (?:run (?:-s )?(?<script>[a-z][\w:-]*)|(?<short>start|test)\b)/g)].map(
      ({ groups }) => ({
        path,
        script: (groups?.['script'] ?? groups?.['short']) as string,
      }),
    ),
  );

  test('every npm script that a document names exists', () => {
    assert.ok(
      commands.some(({ path }) => path === 'README.md') && commands.some(({ path }) => path === 'CONTRIBUTING.md'),
    );
    assert.deepEqual(
      commands.filter(({ script }) => !Object.hasOwn(MANIFEST.scripts, script)),
      [],
    );
  });

  test('every file that an npm script runs exists', () => {
    for (const [name, script] of Object.entries(MANIFEST.scripts)) {
      for (const [file] of script.matchAll(/\b(?:tools|bench|src)\/[\w/.-]+\.(?:mjs|ts)\b/g)) {
        assert.ok(existsSync(join(ROOT, file)), `${name} runs ${file}, which is not there`);
      }
    }
  });

  test('the table of flags in the README names every flag of `run` that has an effect, and no other', () => {
    const rows = [...read('README.md').matchAll(/^\| `--([\w.-]+)` +\|/gm)].map(([, name]) => name);
    // Said elsewhere, or nothing to say: --help, and what only keeps old command lines working.
    const untold = new Set(['help', 'disable-reporting']);
    const flags = RUN_FLAGS.filter(({ name, inert }) => inert !== true && !untold.has(name));
    assert.deepEqual(rows.sort(), flags.map(({ name }) => name).sort());
  });

  test('links between documents lead somewhere', () => {
    const links = DOCUMENTS.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, target]) => ({
        path,
        target: target,
      })),
    );
    assert.ok(links.length > 5, 'no links found: the search is broken');
    assert.deepEqual(
      links.filter(({ path, target }) => !existsSync(join(ROOT, posix.join(dirname(path), target)))),
      [],
    );
  });

  test('decision records are numbered without gaps and open with context, decision, consequences', () => {
    const records = FILES.filter((path) => path.startsWith('docs/decisions/')).sort();
    records.forEach((path, index) => {
      assert.match(path, new RegExp(`/${String(index + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`));
      for (const heading of ['## Context', '## Decision', '## Consequences'])
        assert.ok(read(path).includes(`\n${heading}\n`), `${path}: ${heading}`);
    });
    assert.ok(records.length >= 8);
  });
});
