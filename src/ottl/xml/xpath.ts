/**
 * XPath 1.0 without variables, `following`, `preceding`, ids and languages. A text becomes a function once; it visits at most so
 * many nodes, since `//*[//*]` asks for the square of a document. Facts: XPath 1.0.
 */
import { fail } from '../error.ts';
import type { XmlNode } from './node.ts';
import { AXES, nameTest, TYPE_TESTS, type Axis, type NodeTest } from './xpath-axes.ts';
import { tokens, type Token } from './xpath-lexer.ts';
import {
  compared,
  FUNCTIONS,
  isNodes,
  numberOf,
  truth,
  type Comparison,
  type Focus,
  type XValue,
} from './xpath-values.ts';

const MAX_VISITS = 1_000_000;
/** Of predicates, brackets and calls. */
const MAX_NESTING = 50;

type Expression = (focus: Focus, visits: Visits) => XValue;
type Predicate = (focus: Focus, visits: Visits) => boolean;
interface Step {
  readonly axis: Axis;
  readonly test: NodeTest;
  readonly predicates: readonly Predicate[];
}

class Visits {
  #left = MAX_VISITS;
  count(): void {
    if (this.#left-- === 0) fail(`the XPath visits more than ${MAX_VISITS} nodes`);
  }
}

/** The nodes of a document, each once, in the order in which they are found. */
export type XPath = (document: XmlNode) => readonly XmlNode[];

/** What is wrong with the text, if it is no XPath that selects nodes. */
export function compileXPath(text: string): XPath | string {
  const words = tokens(text);
  if (words === null) return `the XPath \`${text}\` has a character that is none of its language`;
  const compiled = new Compiler(words).whole();
  if (typeof compiled === 'string') return `the XPath \`${text}\` ${compiled}`;
  return (document) => {
    const value = compiled({ node: document, position: 1, size: 1 }, new Visits());
    return isNodes(value) ? value : fail(`the XPath \`${text}\` selects no nodes, but gives a value`);
  };
}

/** Why a text is no XPath; it becomes a value in `whole`. */
class Mistake extends Error {}

class Compiler {
  readonly #words: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(words: readonly Token[]) {
    this.#words = words;
  }

  whole(): Expression | string {
    try {
      const expression = this.#or();
      return this.#word.kind === 'end' ? expression : `does not go on with \`${this.#word.text}\``;
    } catch (thrown) {
      if (thrown instanceof Mistake) return thrown.message;
      throw thrown;
    }
  }

  get #word(): Token {
    return this.#words[this.#at];
  }

  #is(symbol: string, ahead = 0): boolean {
    const { kind, text } = this.#words[Math.min(this.#at + ahead, this.#words.length - 1)];
    return kind === 'symbol' && text === symbol;
  }

  #take(symbol: string): boolean {
    if (!this.#is(symbol)) return false;
    this.#at++;
    return true;
  }

  #takeName(...names: string[]): string | null {
    const { kind, text } = this.#word;
    if (kind !== 'name' || !names.includes(text)) return null;
    this.#at++;
    return text;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw new Mistake(`lacks a \`${symbol}\``);
  }

  #nested<T>(inner: () => T): T {
    if (++this.#depth > MAX_NESTING) throw new Mistake('is nested too deeply');
    const result = inner();
    this.#depth--;
    return result;
  }

  #or(): Expression {
    const left = this.#and();
    if (this.#takeName('or') === null) return left;
    const right = this.#nested(() => this.#or());
    return (focus, visits) => truth(left(focus, visits)) || truth(right(focus, visits));
  }

  #and(): Expression {
    const left = this.#comparison();
    if (this.#takeName('and') === null) return left;
    const right = this.#nested(() => this.#and());
    return (focus, visits) => truth(left(focus, visits)) && truth(right(focus, visits));
  }

  #comparison(): Expression {
    let left = this.#sum();
    for (;;) {
      const operator = ['=', '!=', '<=', '>=', '<', '>'].find((symbol) => this.#take(symbol)) as Comparison | undefined;
      if (operator === undefined) return left;
      const before = left;
      const right = this.#sum();
      left = (focus, visits) => compared(before(focus, visits), operator, right(focus, visits));
    }
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const sign = this.#take('+') ? 1 : this.#take('-') ? -1 : 0;
      if (sign === 0) return left;
      const before = left;
      const right = this.#product();
      left = (focus, visits) => numberOf(before(focus, visits)) + sign * numberOf(right(focus, visits));
    }
  }

  #product(): Expression {
    let left = this.#union();
    for (;;) {
      const operator = this.#take('*') ? '*' : this.#takeName('div', 'mod');
      if (operator === null) return left;
      const before = left;
      const right = this.#union();
      left = (focus, visits) => {
        const a = numberOf(before(focus, visits));
        const b = numberOf(right(focus, visits));
        return operator === '*' ? a * b : operator === 'div' ? a / b : a % b;
      };
    }
  }

  #union(): Expression {
    if (this.#take('-')) {
      const inner = this.#nested(() => this.#union());
      return (focus, visits) => -numberOf(inner(focus, visits));
    }
    let left = this.#path();
    while (this.#take('|')) {
      const before = left;
      const right = this.#path();
      left = (focus, visits) => {
        const a = before(focus, visits);
        const b = right(focus, visits);
        return isNodes(a) && isNodes(b) ? [...new Set([...a, ...b])] : fail('the XPath unites what are no nodes');
      };
    }
    return left;
  }

  #path(): Expression {
    const start = this.#primary();
    if (start !== null) {
      const predicates = this.#predicates();
      const filtered: Expression =
        predicates.length === 0
          ? start
          : (focus, visits) => {
              const nodes = start(focus, visits);
              return isNodes(nodes) ? kept(nodes, predicates, visits) : fail('the XPath filters what are no nodes');
            };
      return this.#is('/') || this.#is('//') ? this.#steps(filtered, this.#separator()) : filtered;
    }
    if (this.#is('//')) return this.#steps(rootOf, this.#separator());
    if (!this.#take('/')) return this.#steps(({ node }) => [node], []);
    return this.#beginsStep() ? this.#steps(rootOf, []) : rootOf;
  }

  /** A literal, a call or brackets; null where a path begins. */
  #primary(): Expression | null {
    const { kind, text } = this.#word;
    if (kind === 'string' || kind === 'number') {
      this.#at++;
      const value = kind === 'number' ? Number(text) : text;
      return () => value;
    }
    if (this.#take('(')) {
      const inner = this.#nested(() => this.#or());
      this.#expect(')');
      return inner;
    }
    if (kind !== 'name' || !this.#is('(', 1) || Object.hasOwn(TYPE_TESTS, text)) return null;
    this.#at += 2;
    return this.#call(text);
  }

  #call(name: string): Expression {
    if (!Object.hasOwn(FUNCTIONS, name)) throw new Mistake(`calls \`${name}\`, which is not there`);
    const { least, most, of } = FUNCTIONS[name];
    const args: Expression[] = [];
    while (!this.#is(')')) {
      if (args.length > 0) this.#expect(',');
      args.push(this.#nested(() => this.#or()));
    }
    this.#expect(')');
    if (args.length < least || args.length > most) throw new Mistake(`calls \`${name}\` with ${args.length} arguments`);
    return (focus, visits) =>
      of(
        args.map((arg) => arg(focus, visits)),
        focus,
      );
  }

  /** `//` is a step of its own. */
  #separator(): Step[] {
    if (this.#take('//')) return [{ axis: AXES['descendant-or-self'], test: TYPE_TESTS['node'], predicates: [] }];
    this.#expect('/');
    return [];
  }

  #beginsStep(): boolean {
    return this.#word.kind === 'name' || ['.', '..', '@', '*'].some((symbol) => this.#is(symbol));
  }

  #steps(start: Expression, steps: Step[]): Expression {
    for (;;) {
      steps.push(this.#step());
      if (!this.#is('/') && !this.#is('//')) break;
      steps.push(...this.#separator());
    }
    return (focus, visits) => {
      const from = start(focus, visits);
      if (!isNodes(from)) return fail('the XPath goes on behind what are no nodes');
      return steps.reduce((nodes, step) => taken(nodes, step, visits), from);
    };
  }

  #step(): Step {
    if (this.#take('.')) return { axis: AXES['self'], test: TYPE_TESTS['node'], predicates: [] };
    if (this.#take('..')) return { axis: AXES['parent'], test: TYPE_TESTS['node'], predicates: [] };
    const axis = this.#axis();
    const test = this.#test(axis);
    return { axis: AXES[axis], test, predicates: this.#predicates() };
  }

  #axis(): string {
    if (this.#take('@')) return 'attribute';
    if (this.#word.kind !== 'name' || !this.#is('::', 1)) return 'child';
    const { text } = this.#word;
    if (!Object.hasOwn(AXES, text)) throw new Mistake(`has an axis \`${text}\`, which is not there`);
    this.#at += 2;
    return text;
  }

  #test(axis: string): NodeTest {
    if (this.#take('*')) return nameTest('*', axis);
    const { kind, text } = this.#word;
    if (kind !== 'name') throw new Mistake(text === '' ? 'ends where a step is wanted' : `has no step \`${text}\``);
    this.#at++;
    if (!this.#take('(')) return nameTest(text, axis);
    if (!Object.hasOwn(TYPE_TESTS, text)) throw new Mistake(`has no step \`${text}()\``);
    this.#expect(')');
    return TYPE_TESTS[text];
  }

  #predicates(): Predicate[] {
    const predicates: Predicate[] = [];
    while (this.#take('[')) {
      const inner = this.#nested(() => this.#or());
      this.#expect(']');
      predicates.push((focus, visits) => {
        const value = inner(focus, visits);
        return typeof value === 'number' ? value === focus.position : truth(value);
      });
    }
    return predicates;
  }
}

function rootOf({ node }: Focus): readonly XmlNode[] {
  let at = node;
  while (at.parent !== null) at = at.parent;
  return [at];
}

function taken(from: readonly XmlNode[], { axis, test, predicates }: Step, visits: Visits): readonly XmlNode[] {
  const found = new Set<XmlNode>();
  for (const node of from) {
    const nodes: XmlNode[] = [];
    for (const candidate of axis(node)) {
      visits.count();
      if (test(candidate)) nodes.push(candidate);
    }
    for (const one of kept(nodes, predicates, visits)) found.add(one);
  }
  return [...found];
}

function kept(nodes: readonly XmlNode[], predicates: readonly Predicate[], visits: Visits): readonly XmlNode[] {
  return predicates.reduce<readonly XmlNode[]>(
    (left, predicate) => left.filter((node, i) => predicate({ node, position: i + 1, size: left.length }, visits)),
    nodes,
  );
}
