/** The Collector's `include` and `exclude` as the blocks here: severities of log records are numbers there and names here. */
import { SEVERITIES } from '#components/kit/match/severity.ts';
import type { Reshape } from '#config/schema/otelcol.ts';

type MapNode = Parameters<Reshape>[0];

export const reshapeSeverity: Reshape = (config, say) =>
  within(config, ['include', 'exclude'], (match) =>
    within(match, ['log_severity_number'], (severity) => {
      const min = severity.entries.get('min');
      if (min?.value.kind !== 'scalar' || typeof min.value.value !== 'bigint') return severity;
      const name = SEVERITIES[Number(min.value.value) - 1];
      if (name === undefined) {
        say.refuse(`there is no severity number ${min.value.value}`, min.value.at);
        return severity;
      }
      const named = { ...min, value: { ...min.value, value: name, text: name } };
      return { ...severity, entries: new Map([...severity.entries, ['min', named]]) };
    }),
  );

function within(config: MapNode, keys: readonly string[], change: (inner: MapNode) => MapNode): MapNode {
  const entries = new Map(config.entries);
  for (const key of keys) {
    const entry = entries.get(key);
    if (entry?.value.kind === 'map') entries.set(key, { ...entry, value: change(entry.value) });
  }
  return { ...config, entries };
}
