/**
 * The formatter: canonical text of a configuration, as `alloy fmt` writes it. Facts: grafana/alloy v1.18 `syntax/printer`.
 *
 * Line breaks between elements and statements, and single empty lines, are those of the source; blocks are always apart. So
 * the positions in the tree count: a tree without a text of its own is to be written plainly first and formatted then.
 */
import { hasErrors, type Diagnostic } from '#config/diag/diagnostic.ts';
import type {
  AccessExpr,
  ArrayExpr,
  BinaryExpr,
  BlockStatement,
  Body,
  CallExpr,
  Expr,
  File,
  IndexExpr,
  ObjectExpr,
  Statement,
} from '#config/syntax/ast.ts';
import { parse } from '#config/syntax/parse.ts';
import { quote } from '#config/syntax/quote.ts';
import type { Source } from '#config/syntax/source.ts';
import { Writer } from './writer.ts';

export interface Formatted {
  /** With a line break at its end; null when there are errors. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Passes until nothing changes; more than two are rare. */
const MAX_PASSES = 8;

/**
 * `name` is how diagnostics call the file. What comes out is formatted for good: where one pass joins lines that the next one
 * would look at (`{` and `}` of an empty block), it is what further passes settle on.
 */
export function format(name: string, text: string | Uint8Array): Formatted {
  const { file, diagnostics } = parse(name, text);
  if (hasErrors(diagnostics)) return { text: null, diagnostics };
  let printed = printFile(file);
  for (let pass = 1; pass < MAX_PASSES; pass++) {
    const again = printFile(parse(name, printed).file);
    if (again === printed) break;
    printed = again;
  }
  return { text: printed, diagnostics };
}

/** One pass. */
function printFile(file: File): string {
  const text = new Printer(file).print();
  return text === '' ? '' : `${text}\n`;
}

/** An expression whose left operand is written before it. */
type Suffix = AccessExpr | IndexExpr | CallExpr | BinaryExpr;

class Printer {
  readonly #file: File;
  readonly #source: Source;
  readonly #out: Writer;

  constructor(file: File) {
    this.#file = file;
    this.#source = file.source;
    this.#out = new Writer(file.source, file.comments);
  }

  print(): string {
    this.#statements(this.#file.body);
    return this.#out.finish();
  }

  #statements(body: Body): void {
    body.forEach((statement, i) => {
      const before = body[i - 1];
      if (before !== undefined && (statement.kind === 'block' || this.#lines(before.end, statement.start) > 1))
        this.#out.space('break');
      this.#statement(statement);
      this.#out.space(this.#lines(statement.start, statement.end) > 0 ? 'break' : 'line');
    });
  }

  #statement(statement: Statement): void {
    if (statement.kind === 'block') return this.#block(statement);
    this.#out.word(statement.name.text, statement.name.start);
    this.#out.space('stop');
    this.#out.word('=', this.#after(statement.name.end));
    this.#out.space('blank');
    this.#expr(statement.value);
  }

  #block({ name, label, body, end }: BlockStatement): void {
    const out = this.#out;
    out.word(name.text, name.start);
    out.space('blank');
    if (label !== null) {
      out.word(quote(label.text), label.start);
      out.space('blank');
    }
    out.word('{', this.#after((label ?? name).end));
    out.space('indent');
    if (body.length > 0) {
      out.space('break');
      this.#statements(body);
    } else out.space('blank');
    out.space('outdent');
    out.word('}', end - 1);
  }

  /** Chains to the left may be as long as the file. */
  #expr(root: Expr): void {
    const chain: Suffix[] = [];
    let first = root;
    while (first.kind === 'access' || first.kind === 'index' || first.kind === 'call' || first.kind === 'binary') {
      chain.push(first);
      first = first.left;
    }
    this.#first(first);
    for (const expr of chain.reverse()) this.#suffix(expr);
  }

  #first(expr: Exclude<Expr, Suffix>): void {
    const out = this.#out;
    switch (expr.kind) {
      case 'literal':
        return out.word(expr.text, expr.start, expr.text.startsWith('`'));
      case 'identifier':
        return out.word(expr.name, expr.start);
      case 'array':
        return this.#array(expr);
      case 'object':
        return this.#object(expr);
      case 'unary':
        out.word(expr.operator, expr.start);
        return this.#expr(expr.operand);
      case 'paren':
        out.word('(', expr.start);
        this.#expr(expr.inner);
        return out.word(')', expr.end - 1);
    }
  }

  #suffix(expr: Suffix): void {
    const out = this.#out;
    switch (expr.kind) {
      case 'access':
        // `1.a` would be read as another number.
        if (expr.left.kind === 'literal') out.space('blank');
        out.word('.', this.#after(expr.left.end));
        return out.word(expr.name.text, expr.name.start);
      case 'index':
        out.word('[', this.#after(expr.left.end));
        this.#expr(expr.index);
        return out.word(']', expr.end - 1);
      case 'call':
        return this.#call(expr);
      case 'binary':
        out.space('blank');
        out.word(expr.operator, this.#after(expr.left.end));
        out.space('blank');
        return this.#expr(expr.right);
    }
  }

  #array({ elements, start, end }: ArrayExpr): void {
    const out = this.#out;
    out.word('[', start);
    let before = start;
    // A comma stands right after its element, whatever comments follow: so the result formats to itself.
    elements.forEach((element, i) => {
      const isBelow = this.#lines(before, element.start) > 0;
      // The indentation first, so that comments before the line break have it.
      if (isBelow) out.space('indent', 'break');
      else if (i > 0) out.space('blank');
      before = element.end;
      this.#expr(element);
      if (i + 1 < elements.length) out.word(',', element.end - 1);
      if (isBelow) out.space('outdent');
    });
    if (elements.length > 0 && this.#lines(before, end - 1) > 0) {
      out.word(',', before - 1);
      out.space('indent', 'break', 'outdent');
    }
    out.word(']', end - 1);
  }

  #object({ fields, start, end }: ObjectExpr): void {
    const out = this.#out;
    out.word('{', start);
    out.space('indent');
    let before = start;
    let last = start;
    fields.forEach(({ name, quoted, value }, i) => {
      const previous = fields[i - 1]?.value;
      if (this.#lines(before, name.start) > 0)
        out.space(previous !== undefined && this.#lines(previous.start, previous.end) === 0 ? 'line' : 'break');
      else if (i > 0) out.space('blank');
      before = name.end;
      // A quoted key has no escapes: it is written as it was.
      out.word(quoted ? `"${name.text}"` : name.text, name.start);
      out.space('stop');
      out.word('=', this.#after(name.end));
      out.space('blank');
      this.#expr(value);
      last = value.end;
      if (i + 1 < fields.length) out.word(',', value.end - 1);
    });
    if (fields.length > 0 && this.#lines(before, end - 1) > 0) {
      out.word(',', last - 1);
      out.space('break');
    }
    out.space('outdent');
    out.word('}', end - 1);
  }

  #call({ left, args, end }: CallExpr): void {
    const out = this.#out;
    out.word('(', this.#after(left.end));
    let before = left.end;
    args.forEach((arg, i) => {
      const isBelow = this.#lines(before, arg.start) > 0;
      if (isBelow) out.space('break', 'indent');
      this.#expr(arg);
      before = arg.end;
      if (i + 1 < args.length) {
        out.word(',', arg.end - 1);
        out.space('blank');
      }
      if (isBelow) out.space('outdent');
    });
    if (this.#lines(before, end - 1) > 0) {
      if (args.length > 0) out.word(',', before - 1);
      out.space('break');
    }
    out.word(')', end - 1);
  }

  /** Line breaks between two offsets. */
  #lines(start: number, end: number): number {
    return this.#source.line(end) - this.#source.line(start);
  }

  /** The offset of what follows, white space and comments aside. */
  #after(offset: number): number {
    const { text } = this.#source;
    let at = offset;
    for (;;) {
      while (/\s/.test(text[at] ?? '')) at++;
      if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 2;
      else if (text.startsWith('//', at)) at = text.indexOf('\n', at);
      else return at;
    }
  }
}
