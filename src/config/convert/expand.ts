/**
 * `${...}` in YAML text (confmap): `${env:NAME}`, `${NAME}`, `${env:NAME:-fallback}`, `${file:PATH}`, `${yaml:TEXT}`, and `$$` for
 * one `$`. Variables are either looked up now, or kept as references that the Alloy configuration resolves itself.
 *
 * A value that is one reference becomes whatever YAML makes of the result, a map even; inside longer text it must be a
 * scalar. Results are expanded again, up to a bound.
 */
import type { Documents } from './documents.ts';
import type { Problems } from './problems.ts';
import { readYaml } from './read-yaml.ts';
import { Source } from '#config/syntax/source.ts';
import type { EnvironmentReference, MapEntry, Range, ScalarNode, YamlNode } from './yaml-node.ts';

export interface Expansion {
  /** undefined: variables stay references. A variable that is not set gives undefined. */
  readonly variable?: (name: string) => string | undefined;
  /** The bytes of a file, or why it cannot be read. undefined: `file:` is not offered. */
  readonly readFile?: (path: string) => Uint8Array | { readonly problem: string };
}

type Part = string | EnvironmentReference;

const MAX_EXPANSIONS = 1000;
const MAX_TEXT = 4 * 1024 * 1024;
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]+):([^]*)$/;
const DEFAULT_MARK = ':-';

export class Expander {
  readonly #options: Expansion;
  readonly #documents: Documents;
  readonly #problems: Problems;
  /** A node that is shared stays shared. */
  readonly #done = new Map<YamlNode, YamlNode>();
  #expansions = 0;
  #text = 0;

  constructor(options: Expansion, documents: Documents, problems: Problems) {
    this.#options = options;
    this.#documents = documents;
    this.#problems = problems;
  }

  expand(node: YamlNode): YamlNode {
    const known = this.#done.get(node);
    if (known !== undefined) return known;
    const expanded = this.#expand(node);
    this.#done.set(node, expanded);
    return expanded;
  }

  #expand(node: YamlNode): YamlNode {
    if (node.kind === 'scalar')
      return typeof node.value === 'string' && node.value.includes('$') ? this.#scalar(node) : node;
    if (node.kind === 'list') return { ...node, items: node.items.map((item) => this.expand(item)) };
    const entries = new Map<string, MapEntry>();
    for (const [key, entry] of node.entries) entries.set(key, { ...entry, value: this.expand(entry.value) });
    return { ...node, entries };
  }

  #scalar(node: ScalarNode): YamlNode {
    const pieces = split(node.value as string);
    if (pieces.length === 1 && typeof pieces[0] !== 'string') {
      const whole = this.#resolve(pieces[0].uri, node.at);
      if (whole.kind !== 'scalar') return whole;
      return { ...whole, text: whole.text, expanded: true, at: node.at };
    }
    const parts: Part[] = [];
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        parts.push(piece);
        continue;
      }
      const inner = this.#resolve(piece.uri, node.at);
      if (inner.kind !== 'scalar') {
        this.#problems.read(
          'expand',
          `resolving "\${${piece.uri}}" inside text: expected a scalar, got ${inner.kind}`,
          node.at,
        );
        return { ...node, expanded: true };
      }
      parts.push(...(inner.parts ?? [inner.text]));
    }
    return textNode(parts, node.at);
  }

  /** What stands between `${` and `}`. It may hold references itself. */
  #resolve(written: string, at: Range): YamlNode {
    if (++this.#expansions > MAX_EXPANSIONS) return this.#refuse('too many recursive expansions', at);
    const [, scheme = 'env', rest = written] = SCHEME.exec(written) ?? [];
    // `${NAME:-text}` looks like a scheme named NAME.
    if (scheme !== 'env' && rest.startsWith('-') && NAME.test(scheme)) return this.#variable(written, at);
    switch (scheme) {
      case 'env':
        return this.#variable(rest, at);
      case 'yaml':
        return this.#yaml(this.#plain(rest, at), `yaml:${rest}`, at);
      case 'file':
        return this.#file(this.#plain(rest, at), at);
      case 'http':
      case 'https':
        return this.#refuse(
          `configuration is not fetched over ${scheme}: save it as a file and name it with \${file:PATH}`,
          at,
        );
      default:
        return this.#refuse(`scheme "${scheme}" is not supported for uri "${written}"`, at);
    }
  }

  #variable(written: string, at: Range): YamlNode {
    const mark = written.indexOf(DEFAULT_MARK);
    const name = this.#plain(mark < 0 ? written : written.slice(0, mark), at);
    const fallback = mark < 0 ? undefined : written.slice(mark + DEFAULT_MARK.length);
    if (!NAME.test(name))
      return this.#refuse(`environment variable "${name}" has invalid name: must match regex ${NAME.source}`, at);
    const { variable } = this.#options;
    if (variable === undefined) return textNode([{ name, fallback: this.#plain(fallback ?? '', at) }], at);
    const value = variable(name);
    if (value === undefined && fallback === undefined) {
      this.#problems.warn('variable', `the environment variable ${name} is not set`, at);
      return { kind: 'scalar', value: null, text: '', at };
    }
    if (value === undefined && fallback === '') return { kind: 'scalar', value: '', text: '', expanded: true, at };
    return this.#yaml(value ?? fallback!, undefined, at);
  }

  /** Text as YAML; `document` names it when positions in it can be shown, else everything in it is at `at`. */
  #yaml(text: string, document: string | undefined, at: Range): YamlNode {
    this.#text += text.length;
    if (this.#text > MAX_TEXT) return this.#refuse('too many recursive expansions', at);
    const { source, base } = this.#documents.add(new Source(document ?? 'environment', text));
    const read = readYaml(source.text, base, this.#problems) ?? { kind: 'scalar', value: null, text: '', at };
    if (read.kind !== 'scalar') return this.expand(read);
    const scalar: ScalarNode = { ...read, text, at };
    return typeof scalar.value === 'string' && scalar.value.includes('${') ? this.#scalar(scalar) : scalar;
  }

  #file(path: string, at: Range): YamlNode {
    const { readFile } = this.#options;
    if (readFile === undefined) return this.#refuse('scheme "file" is not supported here', at);
    const bytes = readFile(path);
    if (!(bytes instanceof Uint8Array)) return this.#refuse(`unable to read the file ${path}: ${bytes.problem}`, at);
    this.#text += bytes.length;
    if (this.#text > MAX_TEXT) return this.#refuse('the files of the configuration are too large', at);
    const { source, base } = this.#documents.decode(path, bytes, this.#problems);
    const read = readYaml(source.text, base, this.#problems);
    if (read === null) return { kind: 'scalar', value: null, text: '', at };
    return read.kind === 'scalar' ? { ...read, text: source.text, at } : this.expand(read);
  }

  /** References inside a reference must be known at once. */
  #plain(text: string, at: Range): string {
    if (!text.includes('$')) return text;
    const node = this.#scalar({ kind: 'scalar', value: text, text, at });
    if (node.kind === 'scalar' && node.parts === undefined) return node.text;
    this.#problems.read('expand', `"\${${text}}": a variable inside a reference cannot be converted`, at);
    return '';
  }

  #refuse(message: string, at: Range): YamlNode {
    this.#problems.read('expand', message, at);
    return { kind: 'scalar', value: '', text: '', expanded: true, at };
  }
}

function textNode(parts: readonly Part[], at: Range): ScalarNode {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else if (part !== '') joined.push(part);
  }
  if (joined.every((part) => typeof part === 'string')) {
    const text = joined.join('');
    return { kind: 'scalar', value: text, text, expanded: true, at };
  }
  return { kind: 'scalar', value: '', text: '', expanded: true, parts: joined, at };
}

/**
 * Text and references in turn. A reference ends at the brace that closes it, so that a fallback may hold braces in pairs;
 * `$$` gives `$`, and a `${` that nothing closes is text.
 */
function split(text: string): (string | { readonly uri: string })[] {
  const pieces: (string | { readonly uri: string })[] = [];
  const closes = closings(text);
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '$') {
      plain += text[i];
      continue;
    }
    if (text[i + 1] === '$') {
      plain += '$';
      i++;
      continue;
    }
    const close = text[i + 1] === '{' ? closes.get(i + 1) : undefined;
    if (close === undefined) {
      plain += '$';
      continue;
    }
    if (plain !== '') pieces.push(plain);
    plain = '';
    pieces.push({ uri: text.slice(i + 2, close) });
    i = close;
  }
  if (plain !== '' || pieces.length === 0) pieces.push(plain);
  return pieces;
}

/** Of each opening brace the one that closes it. */
function closings(text: string): ReadonlyMap<number, number> {
  const closes = new Map<number, number>();
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') open.push(i);
    if (text[i] !== '}') continue;
    const opened = open.pop();
    if (opened !== undefined) closes.set(opened, i);
  }
  return closes;
}
