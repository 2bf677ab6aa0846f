/** XML as a tree: what `parse.ts` makes, XPath selects, converters change, and `written` writes. */
import { checkLength } from '../text.ts';

export type Kind = 'document' | 'element' | 'attribute' | 'text' | 'cdata' | 'comment' | 'instruction';

export interface XmlNode {
  readonly kind: Kind;
  /** Of an element or attribute, with its prefix. */
  name: string;
  /** Of the others: content without delimiters; of an instruction (`<?...?>`, `<!...>`) all of it. */
  data: string;
  parent: XmlNode | null;
  attributes: XmlNode[];
  children: XmlNode[];
}

export function node(kind: Kind, name: string, data: string, parent: XmlNode | null = null): XmlNode {
  return { kind, name, data, parent, attributes: [], children: [] };
}

/** Text and CDATA are the two ways to write text. */
export const isText = ({ kind }: XmlNode): boolean => kind === 'text' || kind === 'cdata';
export const isElement = ({ kind }: XmlNode): boolean => kind === 'element';
export const isBlank = ({ data }: XmlNode): boolean => data.trim() === '';

/** All text below the node, or the value of an attribute (XPath's string value). */
export function contentOf(of: XmlNode): string {
  if (of.kind !== 'element' && of.kind !== 'document') return of.data;
  return of.children.map((child) => (isText(child) || isElement(child) ? contentOf(child) : '')).join('');
}

/** The name without its prefix. */
export const localName = ({ name }: XmlNode): string => name.slice(name.indexOf(':') + 1);

/** Takes nodes out of their parents. */
export function removeNodes(nodes: readonly XmlNode[]): void {
  const gone = new Set(nodes);
  for (const parent of new Set(nodes.map((one) => one.parent))) {
    if (parent === null) continue;
    parent.children = parent.children.filter((child) => !gone.has(child));
    parent.attributes = parent.attributes.filter((attribute) => !gone.has(attribute));
  }
}

/** The nodes as text, empty elements as `<a></a>`. Fails where that is too long. */
export function written(nodes: readonly XmlNode[]): string {
  const parts: string[] = [];
  let length = 0;
  const put = (text: string): void => {
    checkLength((length += text.length));
    parts.push(text);
  };
  const write = (one: XmlNode): void => {
    const { kind, name, data } = one;
    if (kind === 'text') put(escaped(data));
    else if (kind === 'cdata') put(`<![CDATA[${data}]]>`);
    else if (kind === 'comment') put(`<!--${data}-->`);
    else if (kind === 'instruction') put(data);
    else if (kind === 'element') {
      put(`<${name}`);
      for (const attribute of one.attributes)
        put(` ${attribute.name}="${escaped(attribute.data).replaceAll('"', '&quot;')}"`);
      put('>');
      one.children.forEach(write);
      put(`</${name}>`);
    }
  };
  nodes.forEach(write);
  return parts.join('');
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
