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
  const alike = alikeBlocks(schema);
  if (path !== '' && alike.length >= ALIKE) return table(path, alike);
  const lines: string[] = [];
  for (const [name, field] of Object.entries(schema.shape)) {
    if (field.kind === 'attr') continue;
    const here = path === '' ? name : `${path} > ${name}`;
    lines.push('', `### \`${here}\``, '', `${field.doc} ${occurrence(field)}`, ...section(field.body));
    lines.push(...blocks(field.body, here));
  }
  return lines;
}

/** So many blocks of one body are described in one table. */
const ALIKE = 2;

type NamedBlock = readonly [name: string, field: BlockField<unknown>];

/** The blocks of a body if all have the very same body themselves, which holds attributes only. */
function alikeBlocks({ shape }: BodySchema<Shape>): readonly NamedBlock[] {
  const all = Object.entries(shape).filter(
    (entry): entry is [string, BlockField<unknown>] => entry[1].kind === 'block',
  );
  const isLeaf = all.length > 0 && Object.values(all[0][1].body.shape).every(({ kind }) => kind === 'attr');
  return isLeaf && all.every(([, { body }]) => body === all[0][1].body) ? all : [];
}

function table(path: string, alike: readonly NamedBlock[]): string[] {
  return [
    '',
    `### Blocks of \`${path}\``,
    '',
    'Each has the same arguments.',
    '',
    '| block | description |',
    '| --- | --- |',
    ...alike.map(([name, field]) => `| \`${name}\` | ${field.doc} ${occurrence(field)} |`),
    ...section(alike[0][1].body),
  ];
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
