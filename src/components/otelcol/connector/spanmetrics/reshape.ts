import type { Reshape } from '#components/kit/component.ts';

type MapNode = Parameters<Reshape>[0];
type Entry = MapNode['entries'] extends ReadonlyMap<string, infer E> ? E : never;

const LONG = 'AGGREGATION_TEMPORALITY_';

/**
 * What the Collector has otherwise: histograms are explicit where nothing is said, temporalities have long names. As Alloy's converter
 * does, the events metric gets the dimensions that all metrics have, here only where it has none of its own.
 */
export const reshape: Reshape = (config) => {
  const entries = new Map(config.entries);
  const at = config.at;
  const put = (entry: Entry): void => void entries.set(entry.key, entry);

  const histogram = mapIn(config, 'histogram');
  if (histogram !== null && !histogram.entries.has('explicit') && !histogram.entries.has('exponential')) {
    const explicit: Entry = { key: 'explicit', keyAt: histogram.at, value: emptyMap(histogram.at) };
    const value: MapNode = { ...histogram, entries: new Map([...histogram.entries, ['explicit', explicit]]) };
    put({ key: 'histogram', keyAt: config.entries.get('histogram')?.keyAt ?? at, value });
  }

  const temporality = config.entries.get('aggregation_temporality');
  if (temporality?.value.kind === 'scalar' && typeof temporality.value.value === 'string') {
    const word = temporality.value.value.replace(LONG, '');
    put({ ...temporality, value: { ...temporality.value, value: word, text: word } });
  }

  const dimensions = config.entries.get('dimensions');
  const events = mapIn(config, 'events');
  if (dimensions?.value.kind === 'list' && events !== null && !events.entries.has('dimensions')) {
    const value: MapNode = { ...events, entries: new Map([...events.entries, ['dimensions', dimensions]]) };
    put({ key: 'events', keyAt: config.entries.get('events')?.keyAt ?? dimensions.keyAt, value });
  }
  return { ...config, entries };
};

/** An empty one where nothing is written; null: it is no map, which is reported elsewhere. */
function mapIn(config: MapNode, key: string): MapNode | null {
  const value = config.entries.get(key)?.value;
  if (value === undefined || (value.kind === 'scalar' && value.value === null)) return emptyMap(config.at);
  return value.kind === 'map' ? value : null;
}

const emptyMap = (at: MapNode['at']): MapNode => ({ kind: 'map', entries: new Map(), at });
