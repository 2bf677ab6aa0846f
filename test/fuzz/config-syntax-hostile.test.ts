/**
 * Scenario: 64 KiB of whatever is worst for a parser. Guarantees: parser, renderer, formatter and evaluator neither throw nor
 * hang, say a bounded amount about it, and a formatted text is formatted. (`bench/micro/config-hostile.ts` measures the time.)
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE_TEXTS } from '#bench/config/hostile-texts.ts';
import { MAX_FINDINGS } from '#config/diag/findings.ts';
import { render } from '#config/diag/render.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { references } from '#config/eval/references.ts';
import { scopeOf } from '#config/eval/scope.ts';
import { format } from '#config/print/format.ts';
import { parse } from '#config/syntax/parse.ts';

for (const [name, make] of HOSTILE_TEXTS) {
  test(name, () => {
    const text = make(64 * 1024);
    const { file, diagnostics } = parse('hostile', text);
    assert.ok(diagnostics.length <= MAX_FINDINGS);
    references(file.source, file.body);
    const evaluated = evaluateBody(file.source, file.body, scopeOf(new Map()));
    const told = render([...diagnostics, ...evaluated.diagnostics], new Map([['hostile', file.source.text]]));
    assert.ok(told.length < 64 * 1024);
    const formatted = format('hostile', text).text;
    assert.equal(formatted === null, diagnostics.length > 0);
    if (formatted !== null) assert.ok(format('hostile', formatted).text === formatted);
  });
}
