/** Axes of XPath: which nodes lie in a direction from one. In the order of the axis, which for some runs backwards. */
import { isText, type XmlNode } from './node.ts';

export type Axis = (from: XmlNode) => Iterable<XmlNode>;

const children: Axis = (from) => from.children;

function* descendants(from: XmlNode): Generator<XmlNode> {
  for (const child of from.children) {
    yield child;
    yield* descendants(child);
  }
}

function* ancestors(from: XmlNode): Generator<XmlNode> {
  for (let at = from.parent; at !== null; at = at.parent) yield at;
}

function siblings(from: XmlNode, behind: boolean): readonly XmlNode[] {
  if (from.parent === null || from.kind === 'attribute') return [];
  const all = from.parent.children;
  const at = all.indexOf(from);
  return behind ? all.slice(at + 1) : all.slice(0, at).toReversed();
}

function* withSelf(from: XmlNode, axis: Axis): Generator<XmlNode> {
  yield from;
  yield* axis(from);
}

export const AXES: Readonly<Record<string, Axis>> = {
  child: children,
  descendant: descendants,
  'descendant-or-self': (from) => withSelf(from, descendants),
  parent: (from) => (from.parent === null ? [] : [from.parent]),
  ancestor: ancestors,
  'ancestor-or-self': (from) => withSelf(from, ancestors),
  self: (from) => [from],
  attribute: (from) => from.attributes,
  'following-sibling': (from) => siblings(from, true),
  'preceding-sibling': (from) => siblings(from, false),
};

export type NodeTest = (node: XmlNode) => boolean;

/** What a name stands for on an axis: elements, but on the attribute axis attributes. `p:*` is any name with that prefix. */
export function nameTest(name: string, axis: string): NodeTest {
  const kind = axis === 'attribute' ? 'attribute' : 'element';
  if (name === '*') return (node) => node.kind === kind;
  if (name.endsWith(':*')) return (node) => node.kind === kind && node.name.startsWith(name.slice(0, -1));
  return (node) => node.kind === kind && node.name === name;
}

export const TYPE_TESTS: Readonly<Record<string, NodeTest>> = {
  node: () => true,
  text: isText,
  comment: ({ kind }) => kind === 'comment',
  'processing-instruction': ({ kind, data }) => kind === 'instruction' && data.startsWith('<?'),
};
