/** What a test file says about what comes out. */
import { didYouMean } from '#config/diag/suggest.ts';
import type { Range, YamlNode } from '#config/yaml/node.ts';
import { GoRegex, RegexError } from '#text/regex.ts';
import { kindOf } from '../items/requests.ts';
import { readSeries } from '../items/series.ts';
import { isMap, itemOf, KINDS, type Kind, type ValueMap } from '../items/value.ts';
import { readOtlp } from './otlp.ts';
import { entriesIn, flagIn, itemsIn, member, textIn, type Places } from './places.ts';
import type { ExpectedCounter, ExpectedItem, ExpectedItems, Expectation, OtlpRequest } from './test-file.ts';

/** Keys that concern the only exporter; any other key is the id of one. */
const OWN: readonly string[] = [...KINDS, 'otlp_json', 'none', 'others', 'exact', 'ordered'];

export async function readExpectations(node: YamlNode | undefined, places: Places): Promise<readonly Expectation[]> {
  if (node?.kind !== 'map') return [];
  const own = entriesIn(node).filter(([key]) => OWN.includes(key));
  const exporters = entriesIn(node).filter(([key]) => !OWN.includes(key));
  const found: Expectation[] = [];
  if (own.length > 0) found.push(await readExpectation(null, own[0][2], node, places));
  for (const [id, value, keyAt] of exporters) found.push(await readExpectation(id, keyAt, value, places));
  return found;
}

async function readExpectation(
  exporter: string | null,
  at: Range,
  node: YamlNode,
  places: Places,
): Promise<Expectation> {
  const requests = await readOtlp(member(node, 'otlp_json'), places);
  const otlp = Map.groupBy(requests, ({ signal }) => kindOf(signal));
  const kinds = new Map<Kind, ExpectedItems>();
  for (const kind of KINDS) {
    const written = member(node, kind);
    const full = otlp.get(kind) ?? [];
    if (written !== undefined || full.length > 0)
      kinds.set(kind, readItems(kind, written ?? (member(node, 'otlp_json') as YamlNode), full, places));
  }
  const none = flagIn(node, 'none');
  if (none && kinds.size > 0) places.error('invalid', 'none and items exclude each other', at);
  const [others, exact, ordered] = [flagIn(node, 'others'), flagIn(node, 'exact'), flagIn(node, 'ordered')];
  if (!none && kinds.size === 0) places.error('missing', `expected one of ${KINDS.join(', ')}, otlp_json or none`, at);
  return { exporter, span: places.span(at), kinds, none, others, exact, ordered };
}

function readItems(kind: Kind, node: YamlNode, otlp: readonly OtlpRequest[], places: Places): ExpectedItems {
  const count = node.kind === 'scalar' && typeof node.value === 'bigint' ? Number(node.value) : null;
  const items = itemsIn(node).flatMap((item): ExpectedItem[] => {
    const read = readItem(kind, item, places);
    return read === null
      ? []
      : [{ span: places.span(startOf(item)), item: read, source: { at: item.at, written: read } }];
  });
  return { span: places.span(node.at), at: node.at, count, items: node.kind === 'map' ? [] : items, otlp };
}

/** The first line of an item: the whole would mark everything up to its end. */
const startOf = ({ at }: YamlNode): Range => ({ start: at.start, end: at.start });

function readItem(kind: Kind, node: YamlNode, places: Places): ValueMap | null {
  checkConditions(node, places);
  const value = itemOf(node);
  if (isMap(value)) return value;
  const text = textIn(node) ?? '';
  if (kind === 'lines') return { line: text };
  const series = readSeries(text);
  if (series === null)
    places.error('invalid', `expected a series such as name{label="value"} 1, got ${JSON.stringify(text)}`, node.at);
  return series;
}

const CONDITIONS = ['$matches', '$exists', '$between'];

function checkConditions(node: YamlNode, places: Places): void {
  if (node.kind === 'list') for (const item of node.items) checkConditions(item, places);
  if (node.kind !== 'map') return;
  for (const [key, value, keyAt] of entriesIn(node)) {
    if (key === '$matches') checkPattern(value, places);
    else if (key === '$between') {
      const bounds = itemsIn(value).map((bound) => Number(textIn(bound)));
      if (bounds.length !== 2 || bounds.some(Number.isNaN))
        places.error('invalid', '$between takes a list of two numbers', value.at);
    } else if (key === '$exists') {
      if (value.kind !== 'scalar' || typeof value.value !== 'boolean')
        places.error('invalid', '$exists takes true or false', value.at);
    } else if (key.startsWith('$') && key !== '$bytes')
      places.error(
        'unknown_name',
        `unknown condition ${key}`,
        keyAt,
        didYouMean(key, CONDITIONS) ?? `there are ${CONDITIONS.join(', ')}`,
      );
    else checkConditions(value, places);
  }
}

function checkPattern(node: YamlNode, places: Places): void {
  const pattern = textIn(node);
  if (pattern === null) return places.error('invalid', '$matches takes a regular expression', node.at);
  try {
    void new GoRegex(pattern);
  } catch (thrown) {
    if (!(thrown instanceof RegexError)) throw thrown;
    places.error('invalid', thrown.message, node.at);
  }
}

export function readCounters(node: YamlNode | undefined, places: Places): readonly ExpectedCounter[] {
  if (node?.kind !== 'map') return [];
  return entriesIn(node).flatMap(([text, value, keyAt]) => {
    const series = readSeries(text);
    if (series === null || typeof series['name'] !== 'string' || 'value' in series) {
      places.error('invalid', `expected a counter such as name{label="value"}, got ${JSON.stringify(text)}`, keyAt);
      return [];
    }
    const labels = (series['labels'] ?? {}) as Readonly<Record<string, string>>;
    return [{ span: places.span(keyAt), text, name: series['name'], labels, value: Number(textIn(value)) }];
  });
}
