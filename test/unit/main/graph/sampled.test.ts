/** A configuration that counts spans behind a sampler: allowed, with a warning that names both. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attr, body } from '#config/schema/schema.ts';
import { consumers } from '#config/schema/types.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { define, type Component } from '#components/kit/component.ts';
import { load } from '#main/graph/load.ts';
import { TRACES } from '#shared/signal.ts';
import { loadOptions, source } from './fakes.ts';

const args = body({ output: outputBlock, unused: attr(consumers, { default: [], doc: 'nothing' }) });
const component = (name: string, marks: Pick<Component, 'samples' | 'countsSpans'>): [string, Component] => [
  name,
  define({ name, stability: 'generally-available', summary: '', args, accepts: [TRACES], ...marks }),
];
const COMPONENTS = new Map([
  component('otelcol.processor.sampler', { samples: true }),
  component('otelcol.processor.other', {}),
  component('otelcol.connector.counter', { countsSpans: true }),
]);
const block = (kind: string, label: string, ...to: string[]): string =>
  `otelcol.${kind} "${label}" {\n  output { traces = [${to.map((id) => `otelcol.${id}.input`).join(', ')}] }\n}\n`;

async function warnings(text: string): Promise<string[]> {
  const { diagnostics, graph } = await load([source(text)], loadOptions(COMPONENTS));
  assert.ok(graph !== null, JSON.stringify(diagnostics));
  return diagnostics.map((d) => `${d.severity} ${d.span.line}:${d.span.col} ${d.message}`);
}

test('a counter anywhere behind a sampler is warned of', async () => {
  const text =
    block('processor.sampler', 's', 'processor.other.o') +
    block('processor.other', 'o', 'connector.counter.c') +
    block('connector.counter', 'c');
  assert.deepEqual(await warnings(text), [
    'warn 7:1 otelcol.connector.counter.c counts only the spans that otelcol.processor.sampler.s (c.alloy:1:1) lets through',
  ]);
});

test('a counter beside a sampler, or before it, is as it should be', async () => {
  const text =
    block('processor.other', 'in', 'processor.sampler.s', 'connector.counter.c') +
    block('processor.sampler', 's') +
    block('connector.counter', 'c', 'processor.sampler.s');
  assert.deepEqual(await warnings(text), []);
});
