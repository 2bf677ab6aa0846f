/**
 * What the conversion has to say. Severities are those of Alloy's converter: Info is for the report, Warning leaves something
 * out, Error can be bypassed, Critical cannot: there is no result.
 */
import { diagnostic, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { MAX_FINDINGS } from '#config/diag/findings.ts';
import type { Source } from '#config/syntax/source.ts';
import type { Range } from './yaml-node.ts';

export type ConvertSeverity = 'Info' | 'Warning' | 'Error' | 'Critical';

/** `read` and `validate`: Alloy puts words of its own before such messages. */
export type Stage = 'read' | 'validate' | 'convert';

export interface ConvertDiagnostic {
  readonly severity: ConvertSeverity;
  readonly stage: Stage;
  /** Stable, for programs and tests. */
  readonly code: string;
  readonly message: string;
  /** null: of the whole configuration, or of the command line. */
  readonly span: Span | null;
  readonly help?: string;
}

const PREFIXES = {
  read: 'failed to get otelcol config: ',
  validate: 'failed to validate config: ',
  convert: '',
} as const satisfies Record<Stage, string>;

/** One line of a report, as Alloy's converter writes it. */
export function reportLine({ severity, stage, message, span }: ConvertDiagnostic): string {
  const place =
    span === null || severity === 'Info' || severity === 'Warning' ? '' : ` (${span.file}:${span.line}:${span.col})`;
  return `(${severity}) ${PREFIXES[stage]}${message}${place}`;
}

/** Those that a user who runs or checks the configuration must see. What has no place points at the start of `file`. */
export function asDiagnostics(found: readonly ConvertDiagnostic[], file: string): readonly Diagnostic[] {
  const start: Span = { file, line: 1, col: 1, endLine: 1, endCol: 1 };
  return found
    .filter(({ severity, code }) => severity !== 'Info' || code === 'unused')
    .map(({ severity, code, message, span, help }) =>
      diagnostic(
        severity === 'Critical' || severity === 'Error' ? 'error' : 'warn',
        code,
        message,
        span ?? start,
        help,
      ),
    );
}

/** Collects, up to a bound: garbage would otherwise make as many as it has characters. */
export class Problems {
  readonly list: ConvertDiagnostic[] = [];
  readonly source: Pick<Source, 'span'>;

  constructor(source: Pick<Source, 'span'>) {
    this.source = source;
  }

  get critical(): boolean {
    return this.list.some(({ severity }) => severity === 'Critical');
  }

  get full(): boolean {
    return this.list.length >= MAX_FINDINGS;
  }

  place(start: number, end: number): Span {
    return this.source.span(start, end);
  }

  add(severity: ConvertSeverity, stage: Stage, code: string, message: string, at: Range | null, help?: string): void {
    if (this.full) return;
    const span = at === null ? null : this.source.span(at.start, at.end);
    this.list.push({ severity, stage, code, message, span, ...(help === undefined ? {} : { help }) });
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
