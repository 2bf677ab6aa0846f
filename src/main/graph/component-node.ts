/** One component block: evaluated and decoded, with what expressions see of it. */
import type { Component } from '#components/kit/component.ts';
import { diagnostic, hasErrors, type Diagnostic } from '#config/diag/diagnostic.ts';
import type { EvaluatedBody } from '#config/eval/body.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import type { Scope } from '#config/eval/scope.ts';
import { isArray, isCapsule, UNKNOWN, type Value } from '#config/eval/value.ts';
import { decode } from '#config/schema/schema.ts';
import { splitId } from '#shared/node-id.ts';
import type { ConsumerRef } from '#shared/plan.ts';
import { FLOW_NAMES, LOKI, PROMETHEUS, SIGNAL_NAMES, type Signal } from '#shared/signal.ts';
import type { BlockNode } from './nodes.ts';

export interface Arguments {
  readonly args: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** Complete and without mistakes: it can run. */
  readonly sound: boolean;
}

export function evaluateComponent(node: BlockNode, component: Component, scope: Scope): Arguments {
  const evaluated = evaluateBody(node.file.source, node.block.body, scope);
  const decoded = decode(component.args, evaluated.body, node.span);
  const diagnostics = [...evaluated.diagnostics, ...decoded.diagnostics, ...signalMismatches(evaluated.body)];
  return {
    args: decoded.args,
    diagnostics,
    sound: decoded.sound && !hasErrors(diagnostics),
  };
}

/** What is seen of it before it is evaluated: its input or receiver, and that it will have other exports. */
export function plannedExports(id: string, component: Component): ReadonlyMap<string, Value> {
  const planned = new Map<string, Value>();
  const { accepts } = component;
  if (accepts.length > 0) {
    const { name, capsule } = mouthOf(accepts);
    const ref: ConsumerRef = { capsule, nodeId: id, accepts };
    planned.set(name, ref);
  }
  for (const name of Object.keys(component.exports?.shape ?? {})) planned.set(name, UNKNOWN);
  return planned;
}

/** Under which name a component that takes these exports the way into it, and as what. */
export function mouthOf(accepts: Component['accepts']): {
  readonly name: 'input' | 'receiver';
  readonly capsule: ConsumerRef['capsule'];
} {
  if (accepts.includes(PROMETHEUS)) return { name: 'receiver', capsule: 'storage.Appendable' };
  if (accepts.includes(LOKI)) return { name: 'receiver', capsule: 'loki.LogsReceiver' };
  return { name: 'input', capsule: 'otelcol.Consumer' };
}

/** What is seen of it when its provider has given `exports`. */
export function knownExports(
  planned: ReadonlyMap<string, Value>,
  component: Component,
  exports: unknown,
): ReadonlyMap<string, Value> {
  const known = new Map(planned);
  const given = exports as Readonly<Record<string, unknown>>;
  for (const [name, field] of Object.entries(component.exports?.shape ?? {}))
    if (field.kind === 'attr') known.set(name, given[name] === undefined ? null : field.type.encode(given[name]));
  return known;
}

/** A component may be given only signals that it takes. */
function signalMismatches(body: EvaluatedBody): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const output of body) {
    if (output.kind !== 'block' || output.name !== 'output') continue;
    for (const attr of output.body) {
      const signal = SIGNAL_NAMES.findIndex((name) => name === attr.name);
      if (signal < 0 || attr.kind !== 'attr' || attr.value === undefined || !isArray(attr.value)) continue;
      attr.value.forEach((value, i) => {
        const ref = consumerOf(value);
        if (ref === undefined || ref.accepts.includes(signal as Signal)) return;
        const taken = ref.accepts.map((s) => FLOW_NAMES[s]).join(', ');
        const { span } = attr.source.locate([i]);
        found.push(
          diagnostic(
            'error',
            'signal',
            `${splitId(ref.nodeId).local} does not take ${attr.name}`,
            span,
            `it takes ${taken}`,
          ),
        );
      });
    }
  }
  return found;
}

function consumerOf(value: Value): ConsumerRef | undefined {
  return isCapsule(value) && value.capsule === 'otelcol.Consumer' ? (value as unknown as ConsumerRef) : undefined;
}
