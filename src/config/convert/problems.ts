/**
 * What the conversion has to say. Grades are those of Alloy's converter: Info is for the report, Warning leaves something out,
 * Error can be bypassed, Critical cannot: there is no result.
 */
import { diagnostic, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { MAX_FINDINGS } from '#config/diag/findings.ts';
import type { Source } from '#config/syntax/source.ts';
import type { Range } from '#config/yaml/node.ts';

export type Grade = 'Info' | 'Warning' | 'Error' | 'Critical';

export interface Remark {
  readonly grade: Grade;
  /** In Alloy's words. */
  readonly message: string;
  /** About a default of the Collector that nobody wrote down. */
  readonly implied: boolean;
  /** It is among the diagnostics, too, at its place. */
  readonly placed: boolean;
}

/** What was being done: Alloy puts words of its own before such messages. */
type Stage = 'read' | 'validate' | 'convert';

const PREFIXES = {
  read: 'failed to get otelcol config: ',
  validate: 'failed to validate config: ',
  convert: '',
} as const satisfies Record<Stage, string>;

interface Found {
  readonly grade: Grade;
  readonly stage: Stage;
  readonly code: string;
  readonly message: string;
  /** null: of the configuration as a whole, or of what nobody wrote. */
  readonly span: Span | null;
  readonly help: string | undefined;
}

/** Collects, up to a bound for each grade: garbage would otherwise make as many as it has characters. */
export class Problems {
  readonly source: Pick<Source, 'span'>;
  readonly #list: Found[] = [];
  readonly #count: Record<Grade, number> = { Info: 0, Warning: 0, Error: 0, Critical: 0 };

  constructor(source: Pick<Source, 'span'>) {
    this.source = source;
  }

  get critical(): boolean {
    return this.#count.Critical > 0;
  }

  /** Looking for further mistakes is not worth it. */
  get full(): boolean {
    return this.#count.Critical >= MAX_FINDINGS;
  }

  get remarks(): readonly Remark[] {
    return this.#list.map((found) => ({
      grade: found.grade,
      message: `${PREFIXES[found.stage]}${found.message}`,
      implied: found.grade !== 'Critical' && found.span === null,
      placed: isShown(found),
    }));
  }

  /** Errors, and warnings about what is written somewhere. What is of the whole configuration is at its start. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#list
      .filter(isShown)
      .map(({ grade, code, message, span, help }) =>
        diagnostic(
          grade === 'Critical' || grade === 'Error' ? 'error' : 'warn',
          code,
          message,
          span ?? this.source.span(0, 0),
          help,
        ),
      );
  }

  add(grade: Grade, stage: Stage, code: string, message: string, at: Range | null, help?: string): void {
    this.addAt(grade, stage, code, message, at === null ? null : this.source.span(at.start, at.end), help);
  }

  addAt(grade: Grade, stage: Stage, code: string, message: string, span: Span | null, help?: string): void {
    if (this.#count[grade] < MAX_FINDINGS) this.#list.push({ grade, stage, code, message, span, help });
    this.#count[grade]++;
  }

  read(code: string, message: string, at: Range | null, help?: string): void {
    this.add('Critical', 'read', code, message, at, help);
  }
  invalid(code: string, message: string, at: Range | null, help?: string): void {
    this.add('Critical', 'validate', code, message, at, help);
  }
  warn(code: string, message: string, at: Range | null, help?: string): void {
    this.add('Warning', 'convert', code, message, at, help);
  }
  info(code: string, message: string, at: Range | null): void {
    this.add('Info', 'convert', code, message, at);
  }
}

function isShown({ grade, code, span }: Found): boolean {
  return grade === 'Critical' || (span !== null && grade !== 'Info') || code === UNUSED;
}

/** Alloy says nothing about what nobody uses; whoever wrote it wants to know. */
export const UNUSED = 'unused';
