/**
 * All texts that a configuration is made of, behind one another as one source: a position says by itself which file it is in.
 */
import type { Span } from '#config/diag/diagnostic.ts';
import { decodeUtf8, Source } from '#config/syntax/source.ts';
import type { Problems } from './problems.ts';

interface Part {
  readonly source: Source;
  /** Offset of its first character in the whole. */
  readonly base: number;
}

/** Grows while files are read; {@link Documents.whole} is what it holds then. */
export class Documents {
  readonly #parts: Part[] = [];
  #length = 0;

  /** Gives the part's source and where it begins. */
  add(source: Source): Part {
    const part = { source, base: this.#length };
    this.#parts.push(part);
    this.#length += source.text.length + 1;
    return part;
  }

  /** Bytes that are not UTF-8 are reported. */
  decode(name: string, bytes: Uint8Array, problems: Problems): Part {
    const { source, diagnostics } = decodeUtf8(name, bytes);
    const part = this.add(source);
    for (const { message, span } of diagnostics) {
      problems.addAt('Critical', 'read', 'syntax', message, span);
    }
    return part;
  }

  span(start: number, end: number): Span {
    const { source, base } = this.#partAt(start);
    const inside = (offset: number): number => Math.min(Math.max(0, offset - base), source.text.length);
    return source.span(inside(start), inside(Math.max(start, end)));
  }

  get sources(): readonly Source[] {
    return this.#parts.map(({ source }) => source);
  }

  get whole(): Source {
    if (this.#parts.length === 1) return this.#parts[0].source;
    return new MergedSource(
      this.#parts[0]?.source.name ?? '',
      this.#parts.map(({ source }) => source.text).join('\n'),
      this,
    );
  }

  #partAt(offset: number): Part {
    return (
      this.#parts.findLast(({ base }) => base <= offset) ?? this.#parts[0] ?? { source: new Source('', ''), base: 0 }
    );
  }
}

class MergedSource extends Source {
  readonly #documents: Documents;

  constructor(name: string, text: string, documents: Documents) {
    super(name, text);
    this.#documents = documents;
  }

  override span(start: number, end: number): Span {
    return this.#documents.span(start, end);
  }
}
