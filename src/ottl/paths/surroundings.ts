/** Paths of the contexts `resource` and `scope`, which every other one can reach too. */
import { ENTRY, RESOURCE, SCOPE, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { messageValue, typeNamed } from '../message-value.ts';
import type { Message } from '#codec/otlp/message.ts';
import type { Telemetry } from '../telemetry.ts';
import { attributes, cache, text, uint32, type PathEntry, type Paths } from './entry.ts';

const resource = (t: Telemetry): Message => t.resource;
const scope = (t: Telemetry): Message => t.scope;

export const whole = (of: (t: Telemetry) => Message, type: string): PathEntry => {
  const message = typeNamed(type);
  return {
    type: 'any',
    read: (t) => {
      const m = of(t);
      m.whole();
      return messageValue(message, m.buf, m.start, m.stop);
    },
  };
};

export const RESOURCE_PATHS: Paths = {
  attributes: attributes(resource, RESOURCE.attributes),
  dropped_attributes_count: uint32(resource, RESOURCE.droppedAttributesCount),
  schema_url: text((t) => t.resourceEntry, ENTRY.schemaUrl),
  cache,
};
export const RESOURCE_WHOLE = whole(resource, 'Resource');

export const SCOPE_PATHS: Paths = {
  name: text(scope, SCOPE.name),
  version: text(scope, SCOPE.version),
  attributes: attributes(scope, SCOPE.attributes),
  dropped_attributes_count: uint32(scope, SCOPE.droppedAttributesCount),
  schema_url: text((t) => t.scopeEntry, SCOPE_ENTRY.schemaUrl),
  cache,
};
export const SCOPE_WHOLE = whole(scope, 'InstrumentationScope');
