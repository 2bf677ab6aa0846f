/**
 * How long hostile configuration text keeps the parser, the evaluator, the formatter and the renderer of diagnostics busy:
 * part of `npm run bench:config`. Each case is measured at 64 KiB and at four times that; a ratio near 4 is linear.
 */
import { HOSTILE_TEXTS } from './hostile-texts.ts';
import { render } from '#config/diag/render.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { library } from '#config/eval/library/library.ts';
import { format } from '#config/print/format.ts';
import { parse } from '#config/syntax/parse.ts';

const KIB64 = 64 * 1024;
const scope = library({ variable: () => undefined, hostname: 'h', os: 'linux', arch: 'amd64', version: 'v0' });

function busyMs(text: string | Uint8Array): number {
  const start = performance.now();
  const { file, diagnostics } = parse('hostile.alloy', text);
  const found = [...diagnostics, ...evaluateBody(file.source, file.body, scope).diagnostics];
  render(found, new Map([['hostile.alloy', file.source.text]]));
  format('hostile.alloy', text);
  return performance.now() - start;
}

export function hostile(): void {
  console.log('case                        64 KiB ms   256 KiB ms   ratio');
  for (const [name, make] of HOSTILE_TEXTS) {
    busyMs(make(1024));
    const small = busyMs(make(KIB64));
    const large = busyMs(make(4 * KIB64));
    console.log(
      `${name.slice(0, 24).padEnd(24)} ${small.toFixed(1).padStart(11)} ${large.toFixed(1).padStart(12)} ${(large / small).toFixed(1).padStart(7)}`,
    );
  }
}
