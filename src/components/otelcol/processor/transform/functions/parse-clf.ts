/** ParseCLF: lines of the Common Log Format of web servers, or of the combined one with referer and user agent. */
import { fail } from '#ottl/error.ts';
import { parseInt64 } from '#ottl/functions/types.ts';
import type { Value, ValueMap } from '#ottl/value.ts';

export const CLF_FORMATS = ['clf', 'combined'] as const;
export type ClfFormat = (typeof CLF_FORMATS)[number];

/** Fails for what is no line of the format. */
export function parseClf(text: string, format: ClfFormat): ValueMap {
  if (text === '') fail('ParseCLF takes a text that is not empty');
  const line = new Line(text.trim(), format);
  const map = new Map<string, Value>();
  map.set('clf.remote_host', line.word()).set('clf.rfc931', line.word(' ')).set('clf.auth_user', line.word(' '));
  map.set('clf.timestamp', line.bracketed());
  const request = unescaped(line.quoted());
  map.set('clf.request', request);
  const [method, uri, ...protocol] = request.split(' ');
  if (protocol.length > 0)
    map.set('clf.method', method).set('clf.request_uri', uri).set('clf.protocol', protocol.join(' '));
  map.set('clf.status', numberIn(line.word(' '), 'status'));
  const bytes = line.word(' ');
  if (format === 'combined')
    map.set('clf.referer', unescaped(line.quoted())).set('clf.user_agent', unescaped(line.quoted()));
  line.end();
  if (bytes !== '-') map.set('clf.bytes', numberIn(bytes, 'number of bytes'));
  return map;
}

function numberIn(text: string, what: string): bigint {
  return parseInt64(text, 10) ?? fail(`${JSON.stringify(text)} is no ${what}`);
}

/** A line, read from its start; each part says what stands before it. */
class Line {
  readonly #text: string;
  readonly #format: string;
  #at = 0;

  constructor(text: string, format: string) {
    this.#text = text;
    this.#format = format;
  }

  /** At least one character, up to the next white space. */
  word(before = ''): string {
    this.#take(before);
    const from = this.#at;
    while (this.#at < this.#text.length && !' \t\n\f\r'.includes(this.#text[this.#at])) this.#at++;
    return this.#at > from ? this.#text.slice(from, this.#at) : this.#fail();
  }

  bracketed(): string {
    this.#take(' [');
    const to = this.#text.indexOf(']', this.#at);
    if (to <= this.#at) this.#fail();
    const inside = this.#text.slice(this.#at, to);
    this.#at = to + 1;
    return inside;
  }

  /** With its escapes. */
  quoted(): string {
    this.#take(' "');
    const from = this.#at;
    for (; this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#text[this.#at] === '\\' && this.#text[++this.#at] === '\n') this.#fail();
      if (this.#at >= this.#text.length) this.#fail();
    }
    return this.#text.slice(from, this.#at++);
  }

  end(): void {
    if (this.#at < this.#text.length) this.#fail();
  }

  #take(what: string): void {
    if (!this.#text.startsWith(what, this.#at)) this.#fail();
    this.#at += what.length;
  }

  #fail(): never {
    return fail(`the text is no line of the format ${this.#format}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  '"': '"',
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** As Apache and nginx escape; `\xhh` are bytes of UTF-8, and those that follow each other belong together. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/(?:\\x[0-9a-fA-F]{2})+|\\[^]/g, (escape) =>
    escape.length > 2
      ? Buffer.from(escape.replaceAll('\\x', ''), 'hex').toString('utf8')
      : (ESCAPES[escape[1]] ?? escape),
  );
}
