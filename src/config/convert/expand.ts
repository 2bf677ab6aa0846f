/**
 * `${...}` in YAML text (confmap): `${env:NAME}`, `${NAME}`, `${env:NAME:-fallback}`, `${file:PATH}`, `${yaml:TEXT}`, and `$$` for
 * one `$`. Variables are either looked up now, or kept as references that the Alloy configuration resolves itself.
 *
 * A value that is one reference becomes whatever YAML makes of the result, a map even; inside longer text it must be a
 * scalar. Results are expanded again, up to a bound.
 */
import { Source } from '#config/syntax/source.ts';
import type { EnvironmentReference, MapEntry, Range, ScalarNode, YamlNode } from '#config/yaml/node.ts';
import type { Documents } from './documents.ts';
import { Problems } from './problems.ts';
import { readYaml } from './read-yaml.ts';

/** Where values come from. */
export interface Providers {
  /** undefined: not set. */
  readonly env: (name: string) => string | undefined;
  /** The file's text, or what is wrong with it. */
  readonly file: (path: string) => { readonly text: string } | { readonly problem: string };
}

type Part = string | EnvironmentReference;

const MAX_EXPANSIONS = 1000;
/** References inside references. */
const MAX_NESTED = 20;
const MAX_TEXT = 4 * 1024 * 1024;
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]+):([^]*)$/;
const DEFAULT_MARK = ':-';

export class Expander {
  readonly #providers: Providers | undefined;
  readonly #documents: Documents;
  readonly #problems: Problems;
  /** A node that is shared stays shared. */
  readonly #done = new Map<YamlNode, YamlNode>();
  #expansions = 0;
  #nested = 0;
  #text = 0;

  /** Without providers variables stay references, and files are not read. */
  constructor(providers: Providers | undefined, documents: Documents, problems: Problems) {
    this.#providers = providers;
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
    if (this.#expansions > MAX_EXPANSIONS) return nothing(at);
    if (++this.#expansions > MAX_EXPANSIONS || this.#nested > MAX_NESTED) {
      this.#expansions = MAX_EXPANSIONS + 1;
      return this.#refuse('too many recursive expansions', at);
    }
    this.#nested++;
    const resolved = this.#resolveOne(written, at);
    this.#nested--;
    return resolved;
  }

  #resolveOne(written: string, at: Range): YamlNode {
    const [, scheme = 'env', rest = written] = SCHEME.exec(written) ?? [];
    // `${NAME:-text}` looks like a scheme named NAME.
    if (scheme !== 'env' && rest.startsWith('-') && NAME.test(scheme)) return this.#variable(written, at);
    switch (scheme) {
      case 'env':
        return this.#variable(rest, at);
      case 'yaml':
        return this.#yaml(this.#plain(rest, at), at);
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
    if (this.#providers === undefined) return textNode([{ name, fallback: this.#plain(fallback ?? '', at) }], at);
    const value = this.#providers.env(name);
    if (value === undefined && fallback === undefined) {
      this.#problems.warn('variable', `the environment variable ${name} is not set`, at);
      return { kind: 'scalar', value: null, text: '', expanded: true, at };
    }
    if (value === undefined && fallback === '') return { kind: 'scalar', value: '', text: '', expanded: true, at };
    return this.#yaml(value ?? fallback!, at);
  }

  /** Text as YAML. It is all at the reference: what a variable holds is not to be shown. */
  #yaml(text: string, at: Range): YamlNode {
    if (!this.#fits(text, at)) return nothing(at);
    const read = this.#read(text, at);
    return read.kind === 'scalar' ? this.#value(read, text) : this.expand(read);
  }

  /** A file with settings is a document of its own; one with text may hold a secret and is not shown. */
  #file(path: string, at: Range): YamlNode {
    if (this.#providers === undefined)
      return this.#refuse(`scheme "file" is not supported in a conversion: the file ${path} may hold secrets`, at);
    const found = this.#providers.file(path);
    if ('problem' in found) return this.#refuse(found.problem, at);
    if (!this.#fits(found.text, at)) return nothing(at);
    const read = this.#read(found.text, at);
    // The line break that editors put at the end is not meant.
    if (read.kind === 'scalar') return this.#value(read, found.text.replace(/\r?\n$/, ''));
    const { source, base } = this.#documents.add(new Source(path, found.text));
    return this.expand(readYaml(source.text, base, this.#problems) ?? nothing(at));
  }

  /** What is no YAML is text, as for the Collector. */
  #read(text: string, at: Range): YamlNode {
    const trial = new Problems(this.#problems.source);
    const read = readYaml(text, at, trial);
    if (read === null || trial.critical)
      return text.trim() === '' ? nothing(at) : { kind: 'scalar', value: text, text, at };
    return read;
  }

  /** Text is taken as it stands there, with its quotes. */
  #value(read: ScalarNode, text: string): YamlNode {
    const value = typeof read.value === 'string' ? text : read.value;
    const scalar: ScalarNode = { ...read, value, text, expanded: true };
    return typeof value === 'string' && value.includes('${') ? this.#scalar(scalar) : scalar;
  }

  #fits(text: string, at: Range): boolean {
    this.#text += text.length;
    if (this.#text > MAX_TEXT) this.#refuse('too much text comes out of references', at);
    return this.#text <= MAX_TEXT;
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

const nothing = (at: Range): ScalarNode => ({ kind: 'scalar', value: null, text: '', at });

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
