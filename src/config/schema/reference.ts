/**
 * Reference text of a schema: one Markdown table for the arguments of each body, blocks by their path. What a component's
 * README and the reference pages show; nothing of it is written by hand.
 */
import type { AttrField, BlockField, BodySchema, Shape } from './schema.ts';

/** Markdown of the arguments and, below, of every block (`grpc > keepalive`), in the order of declaration. */
export function reference(schema: BodySchema<Shape>): string {
  return [...section(schema), ...blocks(schema, '')].join('\n');
}

function blocks(schema: BodySchema<Shape>, path: string): string[] {
  const lines: string[] = [];
  for (const [name, field] of Object.entries(schema.shape)) {
    if (field.kind === 'attr') continue;
    const here = path === '' ? name : `${path} > ${name}`;
    lines.push('', `### \`${here}\``, '', `${field.doc} ${occurrence(field)}`, ...section(field.body));
    lines.push(...blocks(field.body, here));
  }
  return lines;
}

function occurrence(field: BlockField<unknown>): string {
  if (field.occurs === 'many') return field.required ? 'One or more.' : 'Any number.';
  return field.required ? 'Required.' : 'Optional.';
}

function section(schema: BodySchema<Shape>): string[] {
  const rows = Object.entries(schema.shape).filter((e): e is [string, AttrField<unknown>] => e[1].kind === 'attr');
  if (rows.length === 0) return [];
  return [
    '',
    '| name | type | default | description |',
    '| --- | --- | --- | --- |',
    ...rows.map(([name, field]) => `| \`${name}\` | \`${field.type.name}\` | ${defaultText(field)} | ${cell(field)} |`),
  ];
}

function defaultText({ required, type, default: value }: AttrField<unknown>): string {
  if (required) return 'required';
  return value === undefined ? '' : `\`${type.print(value)}\``;
}

function cell({ doc, deprecated }: AttrField<unknown>): string {
  const text = deprecated === undefined ? doc : `${doc} Deprecated: ${deprecated}.`;
  return text.replaceAll('|', '\\|');
}
