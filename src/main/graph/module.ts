/**
 * Loads one module body: the configuration itself, the body of a custom component's instance, the template of a foreach for
 * one item, or an imported library. Nodes are evaluated after what they refer to, side by side where they wait for providers;
 * the modules inside are loaded in their place, and all component nodes come out in one flat list, sinks first.
 */
import { diagnostic, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { Names } from '#config/eval/names.ts';
import { layered, scopeOf, type Scope } from '#config/eval/scope.ts';
import type { Value } from '#config/eval/value.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import { joinId } from '#shared/node-id.ts';
import { evaluateComponent, knownExports, plannedExports } from './component-node.ts';
import { checkDeclaration } from './declaration.ts';
import { edgesOf, orderOf, type Edges } from './edges.ts';
import { evaluateExport } from './export-node.ts';
import { loadForeach } from './foreach-node.ts';
import { NOTHING, type Frame, type LoadedModule, type NodeResult } from './frame.ts';
import { loadImport } from './import-node.ts';
import { loadInstance, plannedInstance } from './instance-node.ts';
import type { LoadContext } from './load-context.ts';
import { namespacesOf } from './namespaces.ts';
import { nodeTable, type BlockNode, type NodeTable } from './nodes.ts';
import type { ProviderOrder } from './providers.ts';

export function loadModule(context: LoadContext, frame: Frame): Promise<LoadedModule> {
  return new ModuleLoad(context, frame).run();
}

/** What the kinds of node need of the module that they stand in. */
export class ModuleLoad {
  readonly context: LoadContext;
  readonly frame: Frame;
  readonly names = new Names();
  readonly scope: Scope;
  readonly exports = new Map<string, Value>();
  readonly #table: NodeTable;
  readonly #edges: Edges;
  readonly #isName: (name: string) => boolean;
  readonly #referencedBy = new Map<string, string[]>();

  constructor(context: LoadContext, frame: Frame) {
    this.context = context;
    this.frame = frame;
    const { stdlib } = context.options;
    const own = new Map<string, Value>([...frame.values, ['module_path', frame.definitions.path]]);
    this.scope = layered(this.names, scopeOf(own), stdlib);
    this.#table = nodeTable(frame.parts, frame.kind, frame.definitions, context.options);
    this.#isName = (name) => own.has(name) || stdlib.lookup(name) !== undefined;
    const imports = new Map<string, string>();
    for (const { kind, id, label } of this.#table.nodes.values()) if (kind === 'import') imports.set(label, id);
    this.#edges = edgesOf(this.#table, {
      known: ({ path }) => this.#isName(path[0]),
      outer: frame.outer,
      needs: (node) => namespacesOf(node, frame.definitions).flatMap((label) => imports.get(label) ?? []),
    });
    for (const [id, edges] of this.#edges.out) {
      // Nobody can look at an export by itself.
      if (this.#table.nodes.get(id)?.kind === 'export') continue;
      for (const { to } of edges) {
        const list = this.#referencedBy.get(to);
        if (list === undefined) this.#referencedBy.set(to, [id]);
        else list.push(id);
      }
    }
  }

  async run(): Promise<LoadedModule> {
    const { context, frame } = this;
    const order = orderOf(this.#table, this.#edges);
    context.report.add([...this.#table.diagnostics, ...this.#edges.diagnostics, ...order.diagnostics]);
    // What is further out may have the same first names: it has to be in the same tree.
    for (const [id, value] of frame.outer) this.names.set(id, value);
    for (const node of this.#table.nodes.values()) this.#plan(node);
    for (const path of this.#edges.unresolved) this.names.leadNowhere(path);

    const done = new Map<string, Promise<NodeResult>>();
    for (const node of order.nodes) {
      // Of a circle some are not there yet.
      const before = (this.#edges.out.get(node.id) ?? []).flatMap(({ to }) => done.get(to) ?? []);
      const result = this.#after(before, node);
      done.set(node.id, result);
      // One look after the other, so that custom components that contain each other are seen to go in circles.
      if (frame.check) await result;
    }
    const results = await Promise.all(done.values());
    await this.#checkUnused();
    return {
      nodes: results.flatMap((result) => result.nodes),
      modules: results.flatMap((result) => result.modules),
      exports: this.exports,
      table: this.#table,
      names: this.names,
      scope: this.scope,
      isName: this.#isName,
    };
  }

  /** Loads a module inside this one. */
  inner(frame: Frame): Promise<LoadedModule> {
    return loadModule(this.context, frame);
  }

  /** A global id from one within this module. */
  globalId(id: string): string {
    return joinId(this.frame.id, id);
  }

  references(node: BlockNode): readonly string[] {
    return (this.#edges.out.get(node.id) ?? []).map((edge) => edge.to);
  }

  referencedBy(node: BlockNode): readonly string[] {
    return this.#referencedBy.get(node.id) ?? [];
  }

  /** What a node is made of besides its block. */
  inputs(node: BlockNode): readonly unknown[] {
    return [
      this.context.options.stdlib,
      ...this.frame.values.values(),
      ...this.frame.outer.values(),
      ...this.references(node).map((id) => this.names.get(id)),
    ];
  }

  /** The values of the nodes that a template inside this module uses, by id, and of those around the module. */
  around(node: BlockNode): Map<string, Value> {
    const all = new Map(this.frame.outer);
    for (const id of this.references(node)) {
      const value = this.names.get(id);
      if (value !== undefined) all.set(id, value);
    }
    return all;
  }

  /** Tells what is wrong with a node. */
  report(node: BlockNode, found: readonly Diagnostic[]): void {
    if (found.length > 0) this.context.report.add(found, { where: this.frame.where, node: this.globalId(node.id) });
  }

  error(node: BlockNode, code: string, message: string, span: Span, help?: string): void {
    this.report(node, [diagnostic('error', code, message, span, help)]);
  }

  async #after(before: readonly Promise<NodeResult>[], node: BlockNode): Promise<NodeResult> {
    if (before.length > 0) await Promise.all(before);
    if (!this.context.takeNode(node.span)) return NOTHING;
    // A look at a body that nobody uses is no evaluation of it.
    if (this.frame.check) return this.#evaluate(node);
    const ended = this.context.options.observer.node(this.globalId(node.id));
    const result = await this.#evaluate(node);
    ended();
    return result;
  }

  #evaluate(node: BlockNode): NodeResult | Promise<NodeResult> {
    switch (node.kind) {
      case 'component':
        return this.#component(node);
      case 'instance':
        return loadInstance(this, node);
      case 'import':
        return loadImport(this, node);
      case 'foreach':
        return loadForeach(this, node);
      case 'export':
        return evaluateExport(this, node);
    }
  }

  /** What can be said of a node before it is evaluated, so that nothing stumbles over those of a circle. */
  #plan(node: BlockNode): void {
    const { context } = this;
    if (node.kind === 'component') {
      const id = this.globalId(node.id);
      const make = (): Value => plannedExports(id, node.component);
      this.names.set(
        node.id,
        context.memoized(`${id} planned`, node.block, [node.component], make, () => true),
      );
    } else if (node.kind === 'instance') {
      this.names.set(node.id, plannedInstance(this.frame.definitions.find(node.block.name.text)));
    }
  }

  #component(node: BlockNode & { kind: 'component' }): NodeResult | Promise<NodeResult> {
    const { context, frame, scope } = this;
    const { component } = node;
    const id = this.globalId(node.id);
    const { args, diagnostics, sound } = context.memoized(
      id,
      node.block,
      this.inputs(node),
      () => evaluateComponent(node, component, scope),
      (made) => made.sound && made.diagnostics.length === 0,
    );
    this.report(node, diagnostics);
    const planned = this.names.get(node.id) as ReadonlyMap<string, Value>;
    const result = (exports: ReadonlyMap<string, Value>): NodeResult => ({
      nodes: [
        {
          id,
          label: node.label,
          component,
          span: node.span,
          args,
          references: this.references(node),
          referencedBy: this.referencedBy(node),
          exports,
        },
      ],
      modules: [],
    });
    const { provider } = component;
    if (provider === undefined || !sound || frame.check || context.options.provide === null) return result(planned);
    const create: ProviderOrder['create'] = async (ctx) => (await provider()).create(args as never, ctx);
    return this.provided(node, component.name, args, create).then((exports) => {
      if (exports === undefined) return NOTHING;
      const make = (): ReadonlyMap<string, Value> => knownExports(planned, component, exports);
      const known = context.memoized(`${id} exports`, node.block, [planned, exports], make, () => true);
      this.names.set(node.id, known);
      return result(known);
    });
  }

  /** The exports of a provider; undefined: there are none, which has been told. */
  async provided(
    node: BlockNode,
    name: string,
    args: unknown,
    create: ProviderOrder['create'],
    local = false,
  ): Promise<object | undefined> {
    const { provide, look } = this.context.options;
    const give = this.frame.check || provide === null ? (local ? look : null) : provide;
    if (give === null) return undefined;
    try {
      return (await give({ id: this.globalId(node.id), name, args, create })) as object;
    } catch (thrown) {
      if (!(thrown instanceof MillraceError)) throw thrown;
      this.error(node, 'provider', `${node.id}: ${errorText(thrown)}`, node.span);
      return undefined;
    }
  }

  /** Custom components are looked at once with arguments that nobody knows, whether they are used or not. */
  async #checkUnused(): Promise<void> {
    const { frame } = this;
    // An instance's body defines the same again: its declares were looked at with the first look at the body.
    if (frame.where.length > 0) return;
    for (const declaration of frame.definitions.declares.values()) await checkDeclaration(this, declaration);
  }
}
