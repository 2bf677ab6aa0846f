/**
 * Converters of XML. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`. White space stays as it is written, and is no text that
 * counts.
 */
import { fail } from '../error.ts';
import type { Getter } from '../telemetry.ts';
import { checkLength } from '../text.ts';
import type { Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';
import { isBlank, isElement, isText, localName, node, removeNodes, written, type XmlNode } from '../xml/node.ts';
import { parseXml } from '../xml/parse.ts';
import { compileXPath, type XPath } from '../xml/xpath.ts';

function xpath(args: Arguments, i: number, otherwise?: string): XPath {
  const text = args.literal(i, otherwise);
  const compiled = compileXPath(text === '' && otherwise !== undefined ? otherwise : text);
  if (typeof compiled === 'string') throw args.wrong(i, compiled);
  return compiled;
}

/** The document after a change, or the nodes that the change gives. */
function edit(args: Arguments, change: (document: XmlNode) => readonly XmlNode[] | void): Getter {
  const target = args.string(0);
  return (t) => {
    const document = parseXml(target(t));
    return written(change(document) ?? document.children);
  };
}

/** Elements and text as they are, attributes as their text. */
function getXml(args: Arguments): Getter {
  const path = xpath(args, 1);
  return edit(args, (document) =>
    path(document).flatMap((one) => {
      if (isElement(one) || one.kind === 'text') return [one];
      return one.kind === 'attribute' || one.kind === 'cdata' ? [node('text', '', one.data)] : [];
    }),
  );
}

function insertXml(args: Arguments): Getter {
  const path = xpath(args, 1);
  const value = args.string(2);
  const target = args.string(0);
  return (t) => {
    const document = parseXml(target(t));
    const added = parseXml(value(t)).children;
    const places = path(document);
    checkLength(places.length * written(added).length);
    for (const one of places) {
      if (!isElement(one) && one.kind !== 'document') fail(`InsertXML inserts into elements, got ${one.kind}`);
      // The same nodes in every place: they are only written.
      one.children = [...one.children, ...added];
    }
    return written(document.children);
  };
}

function removeXml(args: Arguments): Getter {
  const path = xpath(args, 1);
  return edit(args, (document) => removeNodes(path(document).filter(({ kind }) => kind !== 'instruction')));
}

function attributesToElements(args: Arguments): Getter {
  const path = xpath(args, 1, '//@*');
  return edit(args, (document) => {
    const attributes = path(document).filter(({ kind }) => kind === 'attribute');
    for (const { name, data, parent } of attributes) {
      const element = node('element', name, '', parent);
      element.children.push(node('text', '', data, element));
      parent!.children.push(element);
    }
    removeNodes(attributes);
  });
}

function textToElements(args: Arguments): Getter {
  const path = xpath(args, 1, '/');
  const name = args.literal(2, 'value') || 'value';
  if (!/^[\p{L}_][\p{L}\p{M}\p{N}_:.-]*$/u.test(name)) throw args.wrong(2, `"${name}" is no name of an element`);
  return edit(args, (document) => {
    // What one selects may lie in another: each is wrapped once.
    const done = new Set<XmlNode>();
    for (const one of path(document)) wrapText(one, name, done);
  });
}

/** Wraps text that has an element or another text beside it, at all depths. */
function wrapText(parent: XmlNode, name: string, done: Set<XmlNode>): void {
  if (done.has(parent) || (!isElement(parent) && parent.kind !== 'document')) return;
  done.add(parent);
  const { children } = parent;
  for (const child of children) wrapText(child, name, done);
  const texts = children.filter((child) => child.kind === 'text' && !isBlank(child));
  if (texts.length + children.filter(isElement).length <= 1) return;
  parent.children = children.map((child) => {
    if (child.kind !== 'text' || isBlank(child)) return child;
    const element = node('element', name, '', parent);
    element.children.push(child);
    done.add(element);
    return element;
  });
}

function parseXmlOf(args: Arguments): Getter {
  const target = args.string(0);
  return (t) => {
    const [root, ...more] = parseXml(target(t)).children.filter(isElement);
    if (root === undefined) return fail('ParseXML takes a text that is not empty');
    return more.length > 0 ? fail('ParseXML takes one element, and there are more') : elementMap(root);
  };
}

function elementMap(element: XmlNode): Value {
  const map = new Map<string, Value>([['tag', localName(element)]]);
  const content = element.children
    .filter(isText)
    .map(({ data }) => data.trim())
    .join('');
  const children = element.children.filter(isElement);
  if (content !== '') map.set('content', content);
  if (element.attributes.length > 0)
    map.set('attributes', new Map(element.attributes.map((attribute) => [localName(attribute), attribute.data])));
  if (children.length > 0) map.set('children', children.map(elementMap));
  return map;
}

function parseSimplifiedXml(args: Arguments): Getter {
  const target = args.string(0);
  return (t) => simplified(parseXml(target(t)));
}

/** Elements by their names: text, a map of elements, or a list where a name comes twice; empty ones are left out. */
function simplified(parent: XmlNode): Map<string, Value> {
  const elements = parent.children.filter(isElement);
  const names = new Set<string>();
  const repeated = new Set<string>();
  for (const { name } of elements) (names.has(name) ? repeated : names).add(name);
  const map = new Map<string, Value>();
  const lists = new Map<string, Value[]>();
  for (const element of elements) {
    const value = simplifiedValue(element);
    if (value === null) continue;
    if (!repeated.has(element.name)) {
      map.set(element.name, value);
      continue;
    }
    const list = lists.get(element.name) ?? [];
    list.push(value);
    lists.set(element.name, list);
    map.set(element.name, list);
  }
  return map;
}

function simplifiedValue(element: XmlNode): Value {
  if (!element.children.some(isElement))
    return element.children.find((child) => isText(child) && !isBlank(child))?.data ?? null;
  const map = simplified(element);
  return map.size === 0 ? null : map;
}

export const XML: readonly Converter[] = [
  converter(
    'ParseXML',
    ['target'],
    'any',
    'One XML element as a map of `tag`, `attributes`, `content` and `children`.',
    parseXmlOf,
  ),
  converter(
    'ParseSimplifiedXML',
    ['target'],
    'any',
    'XML elements as a map by their names, without attributes; a name that comes twice has a list.',
    parseSimplifiedXml,
  ),
  converter('GetXML', ['target', 'x_path'], 'string', 'The XML that an XPath selects.', getXml),
  converter(
    'InsertXML',
    ['target', 'x_path', 'sub_document'],
    'string',
    'The XML with another one inserted at the end of each element that an XPath selects.',
    insertXml,
  ),
  converter('RemoveXML', ['target', 'x_path'], 'string', 'The XML without what an XPath selects.', removeXml),
  converter(
    'ConvertAttributesToElementsXML',
    ['target', 'x_path?'],
    'string',
    'The XML with attributes (all, or those that an XPath selects) as elements at the end of their own.',
    attributesToElements,
  ),
  converter(
    'ConvertTextToElementsXML',
    ['target', 'x_path?', 'element_name?'],
    'string',
    'The XML with text that has others beside it in elements of its own (`value`), below what an XPath selects.',
    textToElements,
  ),
];
