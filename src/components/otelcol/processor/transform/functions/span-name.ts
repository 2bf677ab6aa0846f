/**
 * set_semconv_span_name: span names as the semantic conventions make them of attributes, so that there are few of them. Facts:
 * OpenTelemetry semantic conventions 1.37 to 1.43 (HTTP, RPC, database and messaging spans), Collector contrib `transformprocessor`.
 */
import { SPAN } from '#codec/otlp/fields.ts';
import { putValue } from '#codec/otlp/attribute-edit.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import { readAnyValue } from '#codec/otlp/any-value.ts';
import type { Message } from '#codec/otlp/message.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import { putText } from '#ottl/paths/write.ts';
import type { Run } from '#ottl/telemetry.ts';

const MINOR = { from: 37, to: 43 } as const;
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

type Name = (span: Message) => string | null;

/** An attribute under its name, or one that it had before; null: there is none. */
function attribute(...names: readonly string[]): Name {
  const keys = names.map((name) => Buffer.from(name));
  return (span) => {
    for (const key of keys) if (span.find(SPAN.attributes, key)) return valueText(span.buf, span.start, span.stop);
    return null;
  };
}

function isTrue(name: string): (span: Message) => boolean {
  const key = Buffer.from(name);
  return (span) => span.find(SPAN.attributes, key) && readAnyValue(span.buf, span.start, span.stop) === true;
}

const serverAddress = attribute('server.address');
const serverPort = attribute('server.port');

const server: Name = (span) => {
  const address = serverAddress(span);
  const port = serverPort(span);
  return address === null || port === null ? address : `${address}:${port}`;
};

const httpMethod = attribute('http.request.method', 'http.method');

function http(subject: Name): Name {
  return (span) => {
    const method = httpMethod(span);
    const of = subject(span);
    return method === null || of === null ? method : `${method} ${of}`;
  };
}

const rpcSystem = attribute('rpc.system.name', 'rpc.system');
const rpcMethod = attribute('rpc.method', 'rpc.grpc.method');
const rpcService = attribute('rpc.service', 'rpc.grpc.service');

const rpc: Name = (span) => {
  const system = rpcSystem(span);
  if (system === null) return null;
  const method = rpcMethod(span);
  const service = rpcService(span);
  if (service !== null) return `${service}/${method ?? '*'}`;
  return method ?? system;
};

const dbSystem = attribute('db.system.name', 'db.system');
const dbSummary = attribute('db.query.summary');
const dbOperation = attribute('db.operation.name', 'db.operation');
const dbNamespace = attribute('db.namespace', 'db.name');
const dbCollection = attribute('db.collection.name');
const dbProcedure = attribute('db.stored_procedure.name');

const dbTarget: Name = (span) => {
  const namespace = dbNamespace(span) ?? '';
  const inside = dbCollection(span) ?? dbProcedure(span);
  if (inside !== null) return namespace === '' ? inside : `${namespace}.${inside}`;
  return namespace === '' ? server(span) : namespace;
};

const db: Name = (span) => {
  const system = dbSystem(span);
  if (system === null) return null;
  const summary = dbSummary(span);
  if (summary !== null) return summary;
  const parts = [dbOperation(span), dbTarget(span)].filter((part) => part !== null && part !== '');
  return parts.length === 0 ? system : parts.join(' ');
};

const messagingSystem = attribute('messaging.system');
const messagingOperation = attribute('messaging.operation.name', 'messaging.operation');
const isTemporary = isTrue('messaging.destination.temporary');
const isAnonymous = isTrue('messaging.destination.anonymous');
const messagingTemplate = attribute('messaging.destination.template');
const messagingName = attribute('messaging.destination.name', 'messaging.destination');

const messagingDestination: Name = (span) => {
  if (isTemporary(span)) return '(temporary)';
  if (isAnonymous(span)) return '(anonymous)';
  return messagingTemplate(span) ?? messagingName(span) ?? server(span);
};

const messaging: Name = (span) => {
  const system = messagingSystem(span);
  if (system === null) return null;
  const operation = messagingOperation(span);
  const destination = messagingDestination(span) ?? '';
  if (destination === '') return operation ?? system;
  return operation === null ? destination : `${operation} ${destination}`;
};

/** By kind: the conventions that may say what the name is; one that gives no name, or an empty one, leaves it to the next. */
const NAMES: ReadonlyMap<number, readonly Name[]> = new Map([
  [SERVER, [http(attribute('http.route')), rpc, messaging]],
  [CLIENT, [http(attribute('url.template')), rpc, db, messaging]],
  [PRODUCER, [messaging]],
  [CONSUMER, [messaging]],
]);

function conventionalName(span: Message): string | null {
  for (const name of NAMES.get(span.uint32(SPAN.kind)) ?? []) {
    const found = name(span);
    if (found !== null && found !== '') return found;
  }
  return null;
}

function checkVersion(args: Arguments): void {
  const version = args.literal(0);
  const parts = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.exec(version);
  const [, major, minor = '0', patch = '0', before = ''] = parts ?? [];
  const known =
    Number(major) === 1 &&
    Number(minor) >= MINOR.from &&
    Number(minor) <= MINOR.to &&
    !(Number(minor) === MINOR.to && Number(patch) > 0) &&
    !(Number(minor) === MINOR.from && Number(patch) === 0 && before !== '');
  if (!known)
    throw args.wrong(
      0,
      `the version of the semantic conventions is from 1.${MINOR.from}.0 to 1.${MINOR.to}.0, got ${JSON.stringify(version)}`,
    );
}

function setName(args: Arguments): Run {
  checkVersion(args);
  const key = args.has(1) ? args.literal(1) : null;
  if (key === '') throw args.wrong(1, 'the attribute for the original name needs a name');
  const bytes = key === null ? null : Buffer.from(key);
  return ({ span }) => {
    const name = conventionalName(span);
    if (name === null) return;
    const before = span.string(SPAN.name);
    if (name === before) return;
    putText(span, SPAN.name, name);
    if (bytes !== null) putValue(span, SPAN.attributes, bytes, before);
  };
}

export const SPAN_NAME: Editor = editor(
  'set_semconv_span_name',
  ['semconv_version', 'original_span_name_attribute?'],
  'Sets the span name to what the semantic conventions make of the attributes; the name before may be kept in an attribute.',
  setName,
  ['span'],
);
