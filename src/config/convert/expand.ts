/**
 * `${...}` in YAML values. Facts: OpenTelemetry Collector v0.159 confmap: `${env:X}`, `${X}`, `${env:X:-default}`,
 * `${file:PATH}`, `${yaml:TEXT}`, `$$` for a dollar. A value that is nothing but one of them takes the type that its text has as
 * YAML; elsewhere it is text.
 */
import { readYaml, type YamlNode, type YamlScalar } from './node.ts';

/** Where values come from. */
export interface Providers {
  /** undefined: not set. */
  readonly env: (name: string) => string | undefined;
  /** The file's text, or what is wrong with it. */
  readonly file: (path: string) => { readonly text: string } | { readonly problem: string };
}

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `fallback`: undefined when there is none. */
  | { readonly kind: 'env'; readonly name: string; readonly fallback: string | undefined }
  | { readonly kind: 'file' | 'yaml'; readonly argument: string }
  | { readonly kind: 'bad'; readonly problem: string };

/** null: there is nothing to expand. */
export function partsOf(text: string): readonly Part[] | null {
  if (!text.includes('$')) return null;
  const parts: Part[] = [];
  const add = (part: string): void => {
    const last = parts.at(-1);
    if (last?.kind === 'text') parts[parts.length - 1] = { kind: 'text', text: last.text + part };
    else parts.push({ kind: 'text', text: part });
  };
  for (let i = 0; i < text.length;) {
    const dollar = text.indexOf('$', i);
    if (dollar < 0) {
      add(text.slice(i));
      break;
    }
    if (dollar > i) add(text.slice(i, dollar));
    if (text[dollar + 1] === '$') {
      add('$');
      i = dollar + 2;
    } else if (text[dollar + 1] === '{') {
      const end = closing(text, dollar + 2);
      if (end < 0) {
        add(text.slice(dollar));
        break;
      }
      parts.push(reference(text.slice(dollar + 2, end)));
      i = end + 1;
    } else {
      add('$');
      i = dollar + 1;
    }
  }
  return parts;
}

/** The brace that closes; braces inside count. */
function closing(text: string, start: number): number {
  let depth = 1;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

function reference(inside: string): Part {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):(?!-)/.exec(inside)?.[1];
  const argument = scheme === undefined ? inside : inside.slice(scheme.length + 1);
  if (scheme === 'file' || scheme === 'yaml') return { kind: scheme, argument };
  if (scheme !== undefined && scheme !== 'env')
    return { kind: 'bad', problem: `scheme "${scheme}" is not offered: use env, file or yaml` };
  const at = argument.indexOf(':-');
  const name = at < 0 ? argument : argument.slice(0, at);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return { kind: 'bad', problem: `"${name}" is not the name of an environment variable` };
  return { kind: 'env', name, fallback: at < 0 ? undefined : argument.slice(at + 2) };
}

/** `report` is told of what cannot be expanded. */
export function expand(
  node: YamlNode,
  providers: Providers,
  report: (problem: string, at: YamlScalar) => void,
): YamlNode {
  switch (node.kind) {
    case 'map': {
      const entries = new Map(
        Array.from(
          node.entries,
          ([name, { key, value }]) => [name, { key, value: expand(value, providers, report) }] as const,
        ),
      );
      return { ...node, entries };
    }
    case 'list':
      return { ...node, items: node.items.map((item) => expand(item, providers, report)) };
    case 'scalar':
      return typeof node.value === 'string' ? expandScalar(node, providers, report) : node;
  }
}

function expandScalar(
  node: YamlScalar,
  providers: Providers,
  report: (problem: string, at: YamlScalar) => void,
): YamlNode {
  const parts = partsOf(node.text);
  if (parts === null) return node;
  const texts = parts.map((part) => {
    const found = textOf(part, providers);
    if (typeof found === 'string') return found;
    report(found.problem, node);
    return '';
  });
  const text = texts.join('');
  if (parts.length > 1 || parts[0]?.kind === 'text') return { ...node, value: text, text };
  const { root } = readYaml('value', Buffer.from(text));
  return root === null ? { ...node, value: text === '' ? null : text, text } : placedAt(root, node);
}

function textOf(part: Part, { env, file }: Providers): string | { readonly problem: string } {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'env':
      return env(part.name) ?? part.fallback ?? '';
    case 'yaml':
      return part.argument;
    case 'file': {
      const found = file(part.argument);
      return 'text' in found ? found.text : found;
    }
    case 'bad':
      return part;
  }
}

/** What came from elsewhere is where it was called for. */
function placedAt(node: YamlNode, { place }: YamlScalar): YamlNode {
  if (node.kind === 'scalar') return { ...node, place };
  if (node.kind === 'list')
    return { ...node, place, items: node.items.map((item) => placedAt(item, { place } as YamlScalar)) };
  const entries = new Map(
    Array.from(
      node.entries,
      ([name, { value }]) => [name, { key: place, value: placedAt(value, { place } as YamlScalar) }] as const,
    ),
  );
  return { ...node, place, entries };
}
