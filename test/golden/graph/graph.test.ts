/**
 * Scenario: a configuration is loaded with the components that millrace has. Guarantees: exactly the text in `NAME.txt` is
 * what the user reads about `NAME.alloy`; an empty text means that the configuration is good.
 * `MILLRACE_UPDATE_GOLDEN=1` writes the texts anew: read the difference before it is kept.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { diagnosticsText } from '#main/cli/report.ts';
import { systemClock } from '#shared/clock.ts';
import { load } from '#main/graph/load.ts';

const folder = new URL('./', import.meta.url);
const update = process.env['MILLRACE_UPDATE_GOLDEN'] === '1';

for (const name of readdirSync(folder).filter((file) => file.endsWith('.alloy'))) {
  test(name, async () => {
    const result = await load([{ name, bytes: readFileSync(new URL(name, folder)) }], {
      components: COMPONENTS,
      stability: 'generally-available',
      environment: { variable: () => undefined, hostname: 'host', os: 'linux', arch: 'amd64', version: 'v0.0.0' },
      clock: systemClock,
    });
    const text = diagnosticsText(result);
    const expected = new URL(name.replace(/\.alloy$/, '.txt'), folder);
    if (update) writeFileSync(expected, text);
    assert.equal(text, readFileSync(expected, 'utf8'));
    assert.equal(result.graph === null, text !== '');
  });
}
