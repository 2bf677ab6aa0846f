/** The configurations of the folder `examples` are valid, without a remark. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { diagnosticsText } from '#main/cli/report.ts';
import { load } from '#main/graph/load.ts';
import { systemClock } from '#shared/clock.ts';

const folder = new URL('../../examples/', import.meta.url);
const VARIABLES: Readonly<Record<string, string>> = {
  OTLP_ENDPOINT: 'tempo:4317',
  PROMETHEUS_URL: 'http://mimir:9009/api/v1/push',
  LOKI_URL: 'http://loki:3100/loki/api/v1/push',
};

for (const name of readdirSync(folder))
  test(name, async () => {
    const loaded = await load([{ name, bytes: readFileSync(new URL(name, folder)) }], {
      components: COMPONENTS,
      stability: 'generally-available',
      environment: {
        variable: (variable) => VARIABLES[variable],
        hostname: 'host',
        os: 'linux',
        arch: 'amd64',
        version: 'v0.0.0',
      },
      clock: systemClock,
    });
    assert.equal(diagnosticsText(loaded), '');
    assert.ok(loaded.graph !== null);
  });
