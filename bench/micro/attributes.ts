/**
 * otelcol.processor.attributes in a worker: five inserts of attributes that no span has, beside the same inserts as one would write
 * them on decoded objects; and an include that compares the names of spans and matches none.
 */
import { args as schema } from '#components/otelcol/processor/attributes/schema.ts';
import { create } from '#components/otelcol/processor/attributes/worker.ts';
import type { Case } from './cases.ts';
import { byObjects, setAttribute, throughPart } from './processors.ts';

const INSERTED = {
  'deployment.environment': 'production',
  'cloud.region': 'eu-central-1',
  'k8s.cluster.name': 'shop-eu-1',
  team: 'checkout',
  'gateway.version': '1.0.0',
} as const;
const ACTIONS = Object.entries(INSERTED)
  .map(([key, value]) => `action {\nkey = "${key}"\nvalue = "${value}"\naction = "insert"\n}`)
  .join('\n');
const NO_SPAN = 'include {\nmatch_type = "strict"\nspan_names = ["GET /nowhere", "POST /nowhere/at/all"]\n}';

/** `one`: what the requests hold that `next` gives. */
export function attributesCases(next: () => Buffer, one: Pick<Case, 'spans' | 'bytes'>): Case[] {
  const part = (include: string) => () => throughPart(next, create, schema, `${include}\n${ACTIONS}\noutput { }`);
  return [
    { name: 'attributes, 5 inserts', ...one, make: part('') },
    { name: 'attributes, include that does not match', ...one, make: part(NO_SPAN) },
    { name: 'decode, edit, encode (protobufjs)', ...one, make: () => byObjects(next, insert) },
  ];
}

const insert: Parameters<typeof byObjects>[1] = (span) => {
  for (const [key, stringValue] of Object.entries(INSERTED))
    if (!span.attributes.some((attribute) => attribute.key === key)) setAttribute(span, key, { stringValue });
  return true;
};
