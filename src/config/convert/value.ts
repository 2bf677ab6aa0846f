/** Values of the YAML as values of the language, and those as source text. */
import { isArray, isObject, isSecret, secretOf, type Value } from '#config/eval/value.ts';
import { printValue } from '#config/eval/print.ts';
import { isIdentifier, quote } from '#config/syntax/quote.ts';
import { partsOf, type Part } from './expand.ts';
import type { YamlNode, YamlScalar } from './node.ts';

/** The value that an attribute of type `typeName` is given. Texts stay as they were written: `010` is no number where a text is wanted. */
export function valueOf(node: YamlNode, typeName: string): Value {
  const inner = /^(?:list|map)\((.*)\)$/.exec(typeName)?.[1] ?? typeName;
  if (node.kind === 'list') {
    if (typeName.startsWith('map(')) return pairs(node.items, inner) ?? node.items.map((item) => valueOf(item, inner));
    return node.items.map((item) => valueOf(item, inner));
  }
  if (node.kind === 'map')
    return new Map(Array.from(node.entries, ([name, entry]) => [name, valueOf(entry.value, inner)] as const));
  return scalarValue(node, typeName);
}

function scalarValue({ value, text }: YamlScalar, typeName: string): Value {
  if (value === null) return null;
  if (typeName === 'secret') return secretOf(text);
  return typeName === 'string' || typeName === 'secret or string' ? text : value;
}

/** Maps may be written as lists of names and values (the Collector's configopaque.MapList). */
function pairs(items: readonly YamlNode[], typeName: string): Value | null {
  const made = new Map<string, Value>();
  for (const item of items) {
    const name = item.kind === 'map' ? item.entries.get('name')?.value : undefined;
    const value = item.kind === 'map' ? item.entries.get('value')?.value : undefined;
    if (name?.kind !== 'scalar' || value === undefined) return null;
    made.set(name.text, valueOf(value, typeName));
  }
  return made;
}

/** Whether a text refers to the environment, so that its value is known only when the configuration runs. */
export function isReference(node: YamlNode): boolean {
  return (
    node.kind === 'scalar' &&
    typeof node.value === 'string' &&
    (partsOf(node.text)?.some((p) => p.kind !== 'text') ?? false)
  );
}

/** As Alloy source, secrets in plain text. Lists stand in one line, objects in several, as Alloy's converter writes them. */
export function sourceOf(value: Value): string {
  if (typeof value === 'string') return textSource(value);
  if (isSecret(value)) return textSource(value.secret);
  if (isArray(value)) return `[${value.map(sourceOf).join(', ')}]`;
  if (isObject(value)) {
    if (value.size === 0) return '{}';
    const sorted = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
    const fields = sorted.map(([key, field]) => `${isIdentifier(key) ? key : quote(key)} = ${sourceOf(field)},\n`);
    return `{\n${fields.join('')}}`;
  }
  return printValue(value);
}

/** References to the environment become calls. */
function textSource(text: string): string {
  const parts = partsOf(text);
  return parts === null ? quote(text) : parts.map(partSource).join(' + ');
}

function partSource(part: Part): string {
  switch (part.kind) {
    case 'text':
      return quote(part.text);
    case 'env':
      return `coalesce(sys.env(${quote(part.name)}), ${quote(part.fallback ?? '')})`;
    case 'file':
    case 'yaml':
      return quote(`\${${part.kind}:${part.argument}}`);
    case 'bad':
      return quote(part.problem);
  }
}
