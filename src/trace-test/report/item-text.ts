/** Items as YAML that could stand in a test. */
import { isList, isMap, keyText, textOr, valueText, type Value, type ValueMap } from '../items/value.ts';

/** A longer map has a line for each member. */
const MAX_WIDTH = 100;

export function itemLines(item: ValueMap): readonly string[] {
  return Object.entries(item).flatMap(([key, value]) => fieldLines(key, value));
}

/** An item of a list. Samples have a short form. */
export function listedLines(item: ValueMap): readonly string[] {
  const short = seriesText(item);
  if (short !== null) return [`- '${short.replaceAll("'", "''")}'`];
  return itemLines(item).map((line, i) => `${i === 0 ? '- ' : '  '}${line}`);
}

/** null: there is more to it, or it is no sample. */
function seriesText({ name, labels, value, time: _time, ...more }: ValueMap): string | null {
  if (Object.keys(more).length > 0 || value === undefined || (labels !== undefined && !isMap(labels))) return null;
  const told = Object.entries(labels ?? {}).map(
    ([key, label]) => `${key}="${textOr(label).replaceAll(/["\\\n]/g, escaped)}"`,
  );
  // Control characters have no short form.
  if (/\p{C}/u.test(told.join(''))) return null;
  return `${textOr(name)}${told.length === 0 ? '' : `{${told.join(', ')}}`} ${seriesValue(value)}`;
}

const escaped = (character: string): string => (character === '\n' ? '\\n' : `\\${character}`);

const seriesValue = (value: Value): string =>
  valueText(value)
    .replace(/^(-?)\.inf$/, '$1Inf')
    .replace('.nan', 'NaN');

function fieldLines(key: string, value: Value): readonly string[] {
  const line = `${keyText(key)}: ${valueText(value)}`;
  if (line.length <= MAX_WIDTH) return [line];
  if (isMap(value)) return [`${keyText(key)}:`, ...itemLines(value).map((inner) => `  ${inner}`)];
  if (isList(value)) return [`${keyText(key)}:`, ...value.flatMap(elementLines)];
  return [line];
}

function elementLines(value: Value): readonly string[] {
  if (!isMap(value) || Object.keys(value).length === 0) return [`  - ${valueText(value)}`];
  return itemLines(value).map((line, i) => `  ${i === 0 ? '- ' : '  '}${line}`);
}
