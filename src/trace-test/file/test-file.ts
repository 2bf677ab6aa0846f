/** A test file that has been read: what is left to do with it is to run it. */
import type { Stability } from '#components/kit/component.ts';
import type { Span } from '#config/diag/diagnostic.ts';
import type { Range } from '#config/yaml/node.ts';
import type { Signal } from '#shared/signal.ts';
import type { Kind, ValueMap } from '../items/value.ts';

export interface TestFile {
  /** As the user gave it. */
  readonly name: string;
  /** For showing what is wrong with it. */
  readonly text: string;
  readonly config: ConfigOfTest;
  readonly startMs: number;
  readonly cases: readonly TestCase[];
}

export interface ConfigOfTest {
  /** A file or a folder; null: `text` is the configuration. */
  readonly path: string | null;
  readonly text: string;
  /** Of a text that is a literal block: the line of its first line, and how far it is indented. */
  readonly block: { readonly line: number; readonly indent: number } | null;
  readonly format: 'alloy' | 'otelcol' | null;
  readonly stability: Stability | null;
  /** Where `config` or `config_text` stands. */
  readonly span: Span;
}

export interface TestCase {
  readonly name: string;
  /** Of its name. */
  readonly span: Span;
  readonly env: Readonly<Record<string, string>>;
  readonly workers: number;
  readonly steps: readonly Step[];
  /** What comes out until everything is flushed. */
  readonly end: readonly Expectation[];
  readonly counters: readonly ExpectedCounter[];
}

export type Step =
  | { readonly kind: 'input'; readonly requests: readonly Request[] }
  | { readonly kind: 'advance'; readonly ms: number }
  /** What the process takes from now on. */
  | { readonly kind: 'memory'; readonly bytes: number }
  | { readonly kind: 'expect'; readonly expectations: readonly Expectation[] };

/** What one receiver gets at once. */
export interface Request {
  /** null: the only one. */
  readonly receiver: string | null;
  readonly span: Span;
  readonly resource: ValueMap | null;
  readonly scope: ValueMap | null;
  readonly items: readonly { readonly signal: Signal; readonly items: readonly ValueMap[] }[];
  readonly otlp: readonly OtlpRequest[];
  readonly metadata: ReadonlyMap<string, readonly string[]> | null;
  readonly outcome: 'accepted' | 'refused' | 'rejected';
}

/** Protobuf bytes. */
export interface OtlpRequest {
  readonly signal: Signal;
  readonly bytes: Buffer;
  readonly span: Span;
}

export interface Expectation {
  /** null: the only one. */
  readonly exporter: string | null;
  readonly span: Span;
  readonly kinds: ReadonlyMap<Kind, ExpectedItems>;
  readonly none: boolean;
  readonly others: boolean;
  readonly exact: boolean;
  readonly ordered: boolean;
}

export interface ExpectedItems {
  readonly span: Span;
  /** Of the list, or of the number, in the text of the file. */
  readonly at: Range;
  /** null: those that are listed, and no more unless others may come. */
  readonly count: number | null;
  readonly items: readonly ExpectedItem[];
  /** Items in full, as OTLP. */
  readonly otlp: readonly OtlpRequest[];
}

export interface ExpectedItem {
  readonly span: Span;
  readonly item: ValueMap;
  /** How the item stands in the list; null: it does not. */
  readonly source: { readonly at: Range; readonly written: ValueMap } | null;
}

export interface ExpectedCounter {
  readonly span: Span;
  readonly text: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
