/**
 * `/metrics/derived`: what connectors have derived from spans, for a scraper. The text is made while it is sent, a bounded piece in
 * a turn of the event loop: with 100,000 series it is hundreds of megabytes, and the thread also accepts.
 */
import type { DerivedFamily, DerivedMetrics } from '#components/kit/component.ts';
import type { Counter, Meter } from '#shared/meter.ts';
import { escapeHelp, OPEN_METRICS_END } from './exposition.ts';

/** What one turn makes: text, or series looked at that have none. */
const PIECE_CHARS = 128 * 1024;
const PIECE_SERIES = 1000;

export function leftOutCounter(meter: Meter): Counter {
  return meter.counter({
    name: 'millrace_derived_families_left_out_total',
    help: 'Families left out of /metrics/derived because another one of the same name has another type.',
  });
}

/** Makes the text piece by piece; null when it is complete. */
export function derivedText(
  sources: readonly DerivedMetrics[],
  isOpenMetrics: boolean,
  leftOut: Counter,
): () => string | null {
  const pieces = piecesOf(merged(sources, leftOut), isOpenMetrics);
  return () => {
    const { value, done } = pieces.next();
    return done === true ? null : value;
  };
}

/** Families of equal name are one, with the series of all of them; of another type than the first one's, none. */
function merged(sources: readonly DerivedMetrics[], leftOut: Counter): DerivedFamily[][] {
  const byName = new Map<string, DerivedFamily[]>();
  for (const family of sources.flatMap((source) => source.families())) {
    const same = byName.get(family.name);
    if (same === undefined) byName.set(family.name, [family]);
    else if (same[0].type === family.type) same.push(family);
    else leftOut.add(1);
  }
  return [...byName.values()];
}

function* piecesOf(families: readonly DerivedFamily[][], isOpenMetrics: boolean): Generator<string> {
  let text = '';
  let looked = 0;
  for (const same of families) {
    text += head(same[0], isOpenMetrics);
    for (const family of same) {
      for (const lines of family.series(isOpenMetrics)) {
        text += lines;
        if (++looked < PIECE_SERIES && text.length < PIECE_CHARS) continue;
        yield text;
        text = '';
        looked = 0;
      }
    }
  }
  yield isOpenMetrics ? text + OPEN_METRICS_END : text;
}

function head({ name, type, help, unit }: DerivedFamily, isOpenMetrics: boolean): string {
  // The text format knows only names of samples.
  const family = !isOpenMetrics && type === 'counter' ? `${name}_total` : name;
  const unitLine = isOpenMetrics && unit !== '' ? `# UNIT ${family} ${unit}\n` : '';
  const helpLine = help === '' ? '' : `# HELP ${family} ${escapeHelp(help, isOpenMetrics)}\n`;
  return `${helpLine}# TYPE ${family} ${type}\n${unitLine}`;
}
