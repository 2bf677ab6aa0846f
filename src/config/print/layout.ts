/**
 * Lays out the syntax tree: which token follows which, and where lines end. Facts: grafana/alloy `syntax/printer`.
 *
 * - Statements have a line each; a block is set off by an empty line before it, attributes keep one empty line between them.
 * - `=` is aligned in attributes and fields that follow each other on lines of their own, unless one reaches over lines.
 * - Elements, fields and arguments stay on the line or go to a new one as they do in the source; a list whose closing bracket
 *   has its own line ends with a comma.
 * - Operators join their operands on one line.
 *
 * Where Alloy's printer would change what is said, or change its own result once more, the text stays as it is: raw strings
 * with tabs or blanks at line ends, keys with escapes, calls over several lines without arguments or with comments around
 * their end, comments in front of a parenthesis. An attribute's value that moves to one line is aligned with its neighbours.
 */
import type {
  ArrayExpr,
  BlockStatement,
  Body,
  CallExpr,
  Expr,
  File,
  Name,
  ObjectExpr,
  Statement,
} from '../syntax/ast.ts';
import { Writer } from './writer.ts';

/** The file as text, without a newline at the end. */
export function layOut(file: File): string {
  return new Layout(file).text();
}

class Layout {
  readonly #file: File;
  readonly #out: Writer;

  constructor(file: File) {
    this.#file = file;
    this.#out = new Writer(file.source, file.comments);
  }

  text(): string {
    this.#body(this.#file.body);
    return this.#out.finish();
  }

  // Statements

  #body(body: Body): void {
    const out = this.#out;
    let previous: Statement | null = null;
    for (const statement of body) {
      if (previous !== null && (statement.kind === 'block' || this.#linesBetween(previous, statement) > 1))
        out.endLine(true);
      const firstRow = this.#statement(statement);
      out.endLine(out.row > firstRow);
      previous = statement;
    }
  }

  #linesBetween(previous: Statement, next: Statement): number {
    const { source } = this.#file;
    return source.line(next.start) - source.line(previous.end - 1);
  }

  /** The line of the result on which the statement begins. */
  #statement(statement: Statement): number {
    const { text, end } = statement.name;
    // A name is printed as one, so comments between its parts go before it.
    this.#out.token(text, end - (text.length - text.lastIndexOf('.') - 1), end);
    const firstRow = this.#out.row;
    if (statement.kind === 'block') this.#block(statement);
    else this.#assigned(statement.value);
    return firstRow;
  }

  /** ` = value`. */
  #assigned(value: Expr): void {
    this.#out.column();
    this.#out.glued('=');
    this.#out.blank();
    this.#expression(value);
  }

  #block({ name, label, body, end }: BlockStatement): void {
    const out = this.#out;
    if (label !== null) {
      out.blank();
      out.token(`"${label.text}"`, label.start);
    }
    out.blank();
    out.token('{', out.tokenAfter(label?.end ?? this.#afterEmptyLabel(name)));
    out.indent(1);
    if (body.length === 0) {
      out.blank();
    } else {
      out.endLine(true);
      this.#body(body);
    }
    out.indent(-1);
    out.token('}', end - 1);
  }

  #afterEmptyLabel(name: Name): number {
    const next = this.#out.tokenAfter(name.end);
    return this.#file.source.text.startsWith('""', next) ? next + 2 : next;
  }

  // Expressions

  #expression(expr: Expr): void {
    // Chains to the left are as long as the file: a loop, see ast.ts.
    const chain: Expr[] = [];
    let first = expr;
    while (first.kind === 'binary' || first.kind === 'access' || first.kind === 'index' || first.kind === 'call') {
      chain.push(first);
      first = first.left;
    }
    this.#operand(first);
    for (const link of chain.toReversed()) this.#link(link);
  }

  #operand(expr: Expr): void {
    const out = this.#out;
    switch (expr.kind) {
      case 'literal':
        return out.token(expr.text.replaceAll('\r', ''), expr.start);
      case 'identifier':
        return out.token(expr.name, expr.start);
      case 'array':
        return this.#array(expr);
      case 'object':
        return this.#object(expr);
      case 'unary':
        out.token(expr.operator, expr.start);
        return this.#expression(expr.operand);
      case 'paren':
        out.glued('(', expr.start);
        this.#expression(expr.inner);
        return out.glued(')', expr.end - 1);
      default:
    }
  }

  /** What follows the left side. */
  #link(expr: Expr): void {
    const out = this.#out;
    switch (expr.kind) {
      case 'access':
        // `1.x` would be read as the number `1.` and x.
        if (expr.left.kind === 'literal' && expr.left.token === 'NUMBER') out.blank();
        out.glued('.');
        return out.glued(expr.name.text, expr.name.start);
      case 'index':
        out.token('[', out.tokenAfter(expr.left.end));
        this.#expression(expr.index);
        return out.token(']', expr.end - 1);
      case 'call':
        return this.#call(expr);
      case 'binary':
        out.blank();
        out.token(expr.operator, out.tokenAfter(expr.left.end));
        out.blank();
        return this.#expression(expr.right);
      default:
    }
  }

  #array({ start, end, elements }: ArrayExpr): void {
    const out = this.#out;
    out.token('[', start);
    let before = start;
    for (const [i, element] of elements.entries()) {
      const ownLine = !out.sameLine(before, element.start);
      if (ownLine) {
        out.indent(1);
        out.endLine(true);
      } else if (i > 0) {
        out.blank();
      }
      this.#expression(element);
      if (i + 1 < elements.length) out.glued(',');
      if (ownLine) out.indent(-1);
      before = element.end - 1;
    }
    if (elements.length > 0 && !out.sameLine(before, end - 1)) {
      out.glued(',');
      out.indent(1);
      out.endLine(true);
      out.indent(-1);
    }
    out.token(']', end - 1);
  }

  #object({ start, end, fields }: ObjectExpr): void {
    const out = this.#out;
    out.token('{', start);
    out.indent(1);
    let before = start;
    let section = true;
    for (const [i, { name, quoted, value }] of fields.entries()) {
      if (!out.sameLine(before, name.start)) out.endLine(section);
      else if (i > 0) out.blank();
      out.token(quoted ? this.#key(name) : name.text, name.start);
      const firstRow = out.row;
      this.#assigned(value);
      section = out.row > firstRow;
      if (i + 1 < fields.length) out.glued(',');
      before = name.end - 1;
    }
    if (fields.length > 0 && !out.sameLine(before, end - 1)) {
      out.glued(',');
      // A value that moves up to its name leaves only this line end to tell that the comma belongs there.
      out.endLine(true, !section);
    }
    out.indent(-1);
    out.token('}', end - 1);
  }

  /** A quoted key. It knows no escapes, so what cannot stand between double quotes stays as it is written. */
  #key({ start, end, text }: Name): string {
    if (/^[^"\\\p{Cc}]*$/u.test(text)) return `"${text}"`;
    const written = this.#file.source.text.slice(start, end);
    return written.slice(1, -1) === text ? written : `\`${text}\``;
  }

  #call({ left, args, end }: CallExpr): void {
    const out = this.#out;
    out.glued('(');
    let before = left.end - 1;
    for (const [i, arg] of args.entries()) {
      const ownLine = !out.sameLine(before, arg.start);
      if (ownLine) {
        out.endLine(true);
        out.indent(1);
      }
      this.#expression(arg);
      if (i + 1 < args.length) {
        out.glued(',');
        out.blank();
      }
      if (ownLine) out.indent(-1);
      before = arg.end - 1;
    }
    if (args.length > 0 && !out.sameLine(before, end - 1)) {
      out.glued(',');
      out.indent(1);
      out.endLine(true);
      out.indent(-1);
    }
    out.glued(')', end - 1);
  }
}
