/**
 * Names in a Collector configuration: `type` or `type/name` (component.ID, pipeline.ID).
 */
import type { Counterpart } from '#config/schema/otelcol.ts';
import type { Range } from '#config/yaml/node.ts';

export type Kind = Counterpart['kind'];

export interface Id {
  readonly type: string;
  /** Empty when there is none. */
  readonly name: string;
  /** As written. */
  readonly text: string;
  readonly at: Range;
}

const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/;
const MAX_NAME = 1024;

/** The id, or what is wrong with it. */
export function parseId(written: string, at: Range): Id | { readonly problem: string } {
  const slash = written.indexOf('/');
  const type = (slash < 0 ? written : written.slice(0, slash)).trim();
  const name = slash < 0 ? '' : written.slice(slash + 1).trim();
  if (type === '')
    return {
      problem: slash < 0 ? 'id must not be empty' : `in "${written}" id: the part before / should not be empty`,
    };
  if (slash >= 0 && name === '') return { problem: `in "${written}" id: the part after / should not be empty` };
  if (!TYPE.test(type)) return { problem: `in "${written}" id: invalid character(s) in type "${type}"` };
  if (name.length > MAX_NAME) return { problem: `in "${written}" id: the name is longer than ${MAX_NAME} characters` };
  return { type, name, text: name === '' ? type : `${type}/${name}`, at };
}

/**
 * The label of a component in Alloy: the name of its pipeline group and its own, `default` for what has none; one `default`
 * when neither has a name.
 */
export function labelOf(group: string, name: string): string {
  return sanitized(
    group === '' && name === '' ? 'default' : `${group === '' ? 'default' : group}_${name === '' ? 'default' : name}`,
  );
}

/** What is no letter and no digit becomes `_`, and a label does not begin with a digit. */
function sanitized(text: string): string {
  const label = Array.from(text, (c) => (/[\p{L}\p{Nd}_]/u.test(c) ? c : '_')).join('');
  return /^\p{Nd}/u.test(label) ? `_${label}` : label;
}
