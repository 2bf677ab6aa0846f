/**
 * A component's arguments as Alloy's UI reads them at `/api/v0/web/components/ID` (grafana/alloy `syntax/encoding/alloyjson`):
 * a body is a list of statements; what is optional and has its default is left out. Secrets show as `(secret)`, capsules as
 * `capsule("otelcol.Consumer")`.
 */
import { isDeepStrictEqual } from 'node:util';
import { jsonValue, type JsonValue } from '#config/eval/print.ts';
import { defaults, stepsOf, type ArgumentsOf, type BodySchema, type Shape } from './schema.ts';

export type JsonStatement =
  | { readonly name: string; readonly type: 'attr'; readonly value: JsonValue }
  | { readonly name: string; readonly type: 'block'; readonly body: readonly JsonStatement[] };

export function toJson<S extends Shape>(schema: BodySchema<S>, args: ArgumentsOf<S>): readonly JsonStatement[] {
  const written = args as Readonly<Record<string, unknown>>;
  const unwritten = defaults(schema) as Readonly<Record<string, unknown>>;
  const statements: JsonStatement[] = [];
  for (const [name, field] of Object.entries(schema.shape)) {
    const value = written[name];
    if (value === undefined || (!field.required && isDeepStrictEqual(value, unwritten[name]))) continue;
    if (field.kind === 'attr') {
      statements.push({ name, type: 'attr', value: jsonValue(field.type.encode(value)) });
      continue;
    }
    const blocks = (field.occurs === 'many' ? value : [value]) as readonly ArgumentsOf<Shape>[];
    for (const block of blocks) statements.push({ name, type: 'block', body: toJson(field.body, block) });
  }
  const sequence = schema.sequence?.() ?? {};
  for (const { name, args: block } of stepsOf(args))
    statements.push({ name, type: 'block', body: toJson(sequence[name].body, block as ArgumentsOf<Shape>) });
  return statements;
}
