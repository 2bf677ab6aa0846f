/**
 * Scenario: h2spec, the conformance suite for HTTP/2 (generic, RFC 9113, HPACK), run whole against the gRPC port of the collector,
 * in plaintext and with its strict cases. It sends GET and POST of "/" without a content type, so it also looks at how
 * requests are answered that are not gRPC. Guarantees: every case passes and none is skipped, and the collector is sound after
 * it. A case is skipped when the server sets no limit on streams or answers without a body, of which h2spec needs a byte to
 * look at flow control.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { startCollector } from '#test/support/collector.ts';
import { foundTool } from '#test/support/found-tool.ts';
import { sendGrpc } from '#test/support/otlp-send.ts';
import { makeTraces } from '#test/support/payloads.ts';

const h2spec = foundTool('MILLRACE_H2SPEC', 'h2spec');
/** How long a case waits for the server, in seconds. Only cases that fail wait for the whole of it. */
const CASE_LIMIT_S = 2;

interface Case {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly text: string;
}

/** The cases of h2spec's JUnit report, in order. */
function readReport(xml: string): Case[] {
  return [...xml.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g)].map(
    ([, section, name, inside]) => ({
      name: unescape(`${section} ${name}`),
      result: /<(failure|error)\b/.test(inside) ? 'failed' : /<skipped\b/.test(inside) ? 'skipped' : 'passed',
      text: unescape(inside.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' '),
    }),
  );
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', apos: "'" };
const unescape = (xml: string): string =>
  xml.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal));
  });

test('h2spec', { skip: h2spec.skip, timeout: 110_000 }, async (t) => {
  await using collector = await startCollector({
    config: ([port]) => `
      otelcol.receiver.otlp "in" {
        grpc {
          endpoint = "127.0.0.1:${port}"
          max_concurrent_streams = 100
        }
        output { traces = [otelcol.exporter.debug.out.input] }
      }
      otelcol.exporter.debug "out" {}`,
    flags: ['--stability.level=experimental', '--workers=1'],
  });
  const directory = mkdtempSync(join(tmpdir(), 'millrace-h2spec-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const report = join(directory, 'report.xml');
  const port = collector.ports[0];
  const output = await new Promise<string>((resolve) => {
    const args = ['--strict', `--port=${port}`, `--timeout=${CASE_LIMIT_S}`, `--junit-report=${report}`];
    // Exit code 1 says that cases failed; the report says which.
    execFile(h2spec.path, args, { signal: t.signal }, (error, stdout, stderr) =>
      resolve(`${error?.message ?? ''}\n${stdout}\n${stderr}`),
    );
  });
  assert.ok((await sendGrpc(port, TRACES, makeTraces({ spans: 5 }))).ok, collector.output());
  assert.deepEqual(await collector.stop(), { code: 0, signal: null }, collector.output());
  let cases: Case[] = [];
  try {
    cases = readReport(readFileSync(report, 'utf8'));
  } catch (error) {
    throw new Error(`h2spec made no report: ${output.slice(-4000)}`, { cause: error });
  }
  assert.ok(cases.length >= 146, `only ${cases.length} cases were run`);
  const wrong = cases.filter(({ result }) => result !== 'passed');
  assert.ok(
    wrong.length === 0,
    `${wrong.length} of ${cases.length} cases:\n${wrong.map(({ name, result, text }) => `${result}: ${name}:${text}`).join('\n')}`,
  );
});
