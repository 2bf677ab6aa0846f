/**
 * Reads XML, strictly: elements close in order, attributes have quotes, and the only entities are the five of XML and those by
 * number, so that no text grows by being read. Several roots are allowed. Facts: XML 1.0.
 */
import { MAX_DEPTH } from '#codec/protobuf/limits.ts';
import { fail } from '../error.ts';
import { node, type Kind, type XmlNode } from './node.ts';

const NAME = /[\p{L}_:][\p{L}\p{M}\p{N}_:.\u00b7-]*/uy;
const SPACE = /[ \t\r\n]*/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The whole of a text. Fails where it is no XML. */
export function parseXml(text: string): XmlNode {
  return new Parser(text).document();
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): XmlNode {
    const root = node('document', '', '');
    // Not recursive: the way down is the chain of parents.
    let open = root;
    for (let depth = 0; this.#at < this.#text.length;) {
      if (this.#text[this.#at] !== '<') this.#characters(open);
      else if (this.#text.startsWith('</', this.#at)) {
        this.#close(open);
        open = open.parent!;
        depth--;
      } else if (!this.#special(open)) {
        if (depth >= MAX_DEPTH) fail('the XML is nested too deeply');
        const element = this.#open(open);
        if (!this.#take('/>')) {
          this.#expect('>');
          open = element;
          depth++;
        }
      }
    }
    return open === root ? root : fail(`the XML ends inside of <${open.name}>`);
  }

  #characters(open: XmlNode): void {
    const end = this.#text.indexOf('<', this.#at);
    const raw = this.#text.slice(this.#at, end < 0 ? undefined : end);
    if (open.kind === 'document' && raw.trim() !== '') fail('the XML has text outside of its elements');
    add(open, 'text', unescaped(raw));
    this.#at += raw.length;
  }

  /** A comment, CDATA, an instruction or a declaration; false for an element. */
  #special(open: XmlNode): boolean {
    if (this.#take('<!--')) add(open, 'comment', this.#until('-->'));
    else if (this.#take('<![CDATA[')) {
      if (open.kind === 'document') fail('the XML has text outside of its elements');
      add(open, 'cdata', this.#until(']]>'));
    } else if (this.#take('<?')) add(open, 'instruction', `<?${this.#until('?>')}?>`);
    else if (this.#take('<!')) add(open, 'instruction', `<!${this.#declaration()}>`);
    else return false;
    return true;
  }

  /** What stands between `<!` and its `>`; an internal subset has brackets and declarations of its own. */
  #declaration(): string {
    const from = this.#at;
    let depth = 1;
    let quote = '';
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (quote !== '') {
        if (character === quote) quote = '';
      } else if (character === '"' || character === "'") quote = character;
      else if (character === '<') depth++;
      else if (character === '>' && --depth === 0) return this.#text.slice(from, this.#at++);
    }
    return fail('the XML ends inside of a declaration');
  }

  #open(parent: XmlNode): XmlNode {
    this.#expect('<');
    const element = node('element', this.#name(), '', parent);
    parent.children.push(element);
    for (;;) {
      const spaced = this.#space();
      const next = this.#text[this.#at];
      if (next === undefined || next === '/' || next === '>') return element;
      if (!spaced) fail(`the XML lacks a space before an attribute of <${element.name}>`);
      const name = this.#name();
      this.#space();
      this.#expect('=');
      this.#space();
      const quote = this.#take('"') ? '"' : this.#take("'") ? "'" : fail(`the XML lacks the quotes of ${name}`);
      const value = this.#until(quote);
      if (value.includes('<')) fail('the XML has a < inside of an attribute');
      element.attributes.push(node('attribute', name, unescaped(value), element));
    }
  }

  #close(open: XmlNode): void {
    this.#expect('</');
    const name = this.#name();
    if (open.kind !== 'element' || name !== open.name)
      fail(open.kind === 'element' ? `the XML closes <${open.name}> with </${name}>` : `the XML closes no <${name}>`);
    this.#space();
    this.#expect('>');
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0] ?? fail('the XML has a tag or attribute without a name');
    this.#at += name.length;
    return name;
  }

  #space(): boolean {
    SPACE.lastIndex = this.#at;
    const { length } = SPACE.exec(this.#text)![0];
    this.#at += length;
    return length > 0;
  }

  #until(end: string): string {
    const at = this.#text.indexOf(end, this.#at);
    if (at < 0) fail(`the XML ends before ${end}`);
    const text = this.#text.slice(this.#at, at);
    this.#at = at + end.length;
    return text;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) fail(`the XML lacks a ${text}`);
  }
}

function add(parent: XmlNode, kind: Kind, data: string): void {
  parent.children.push(node(kind, '', data, parent));
}

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]{0,10};?)/g, (_, name: string) => {
    const known = name.endsWith(';') ? entity(name.slice(0, -1)) : undefined;
    return known ?? fail(`the XML has an entity that is none: &${name}`);
  });
}

function entity(name: string): string | undefined {
  if (Object.hasOwn(ENTITIES, name)) return ENTITIES[name];
  const [, hex, decimal] = /^#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}))$/.exec(name) ?? [];
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isCharacter = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return isCharacter ? String.fromCodePoint(point) : undefined;
}
