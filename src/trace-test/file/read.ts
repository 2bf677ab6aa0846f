/** Reads a test file. Everything that is wrong with it comes back as diagnostics; then there is no file to run. */
import type { Stability } from '#components/kit/component.ts';
import { hasErrors, type Diagnostic } from '#config/diag/diagnostic.ts';
import { Problems } from '#config/convert/problems.ts';
import { readYaml } from '#config/convert/read-yaml.ts';
import { parseDuration } from '#config/schema/duration.ts';
import { parseSize } from '#config/schema/size.ts';
import { decodeUtf8, type Source } from '#config/syntax/source.ts';
import type { YamlNode } from '#config/yaml/node.ts';
import { SIGNAL_OF } from '../items/requests.ts';
import { dateMs } from '../items/times.ts';
import { isMap, itemOf, KINDS } from '../items/value.ts';
import { check } from './check.ts';
import { readCounters, readExpectations } from './expectations.ts';
import { beside, readOtlp } from './otlp.ts';
import { entriesIn, itemsIn, mapIn, member, Places, textIn, textsIn } from './places.ts';
import { SCHEMA } from './schema.ts';
import type { ConfigOfTest, Request, Step, TestCase, TestFile } from './test-file.ts';

/** Midnight of a date without anything special about it. */
const START_MS = Date.UTC(2026, 0, 1);

export interface ReadTest {
  /** null when there are errors among the diagnostics. */
  readonly file: TestFile | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;
}

/** `name` is its path: what it refers to is beside it. */
export async function readTest(name: string, bytes: Uint8Array): Promise<ReadTest> {
  const { source, diagnostics } = decodeUtf8(name, bytes);
  const failed = (found: readonly Diagnostic[]): ReadTest => {
    const byPlace = found.toSorted((a, b) => a.span.line - b.span.line || a.span.col - b.span.col);
    return { file: null, diagnostics: byPlace, text: source.text };
  };
  if (hasErrors(diagnostics)) return failed(diagnostics);
  const problems = new Problems(source);
  const root = readYaml(source.text, 0, problems);
  // A second document, which nobody would run, is a mistake too.
  if (problems.diagnostics.length > 0) return failed(problems.diagnostics);
  if (root?.kind !== 'map') {
    const places = new Places(source);
    places.error('type', 'expected a test: a map with version, config and cases', { start: 0, end: 0 });
    return failed(places.found);
  }
  const misshapen = check(root, SCHEMA, source);
  if (misshapen.length > 0) return failed(misshapen);
  const places = new Places(source);
  const file = await readFile(root, source, places);
  return places.found.length > 0 ? failed(places.found) : { file, diagnostics: [], text: source.text };
}

async function readFile(root: YamlNode, source: Source, places: Places): Promise<TestFile> {
  const start = textIn(member(root, 'start_time'));
  const cases: TestCase[] = [];
  for (const node of itemsIn(member(root, 'cases'))) cases.push(await readCase(node, root, places));
  const seen = new Set<string>();
  for (const node of itemsIn(member(root, 'cases'))) {
    const name = textIn(member(node, 'name')) ?? '';
    if (seen.has(name))
      places.error('duplicate', `there are two cases ${JSON.stringify(name)}`, member(node, 'name')!.at);
    seen.add(name);
  }
  return {
    name: source.name,
    text: source.text,
    config: readConfigOf(root, source, places),
    startMs: start === null ? START_MS : (dateMs(start) ?? START_MS),
    cases,
  };
}

function readConfigOf(root: YamlNode, { name }: Source, places: Places): ConfigOfTest {
  const path = member(root, 'config');
  const text = member(root, 'config_text');
  const at = path?.at ?? text?.at ?? { start: root.at.start, end: root.at.start };
  if ((path === undefined) === (text === undefined))
    places.error(
      'missing',
      path === undefined ? 'config or config_text is missing' : 'config and config_text exclude each other',
      at,
    );
  return {
    path: path === undefined ? null : beside(name, textIn(path) ?? ''),
    text: textIn(text) ?? '',
    block: text === undefined ? null : blockOf(text, places),
    format: textIn(member(root, 'format')) as ConfigOfTest['format'],
    stability: textIn(member(root, 'stability')) as Stability | null,
    span: places.span(at),
  };
}

/** Where the first character of a literal block stands in the file: the lines below it begin in the same column. */
function blockOf({ at }: YamlNode, { source }: Places): ConfigOfTest['block'] {
  const found = /^\|[-+]?[ \t]*(#.*)?\r?\n(?:[ \t]*\r?\n)*( *)\S/.exec(source.text.slice(at.start, at.end));
  return found === null ? null : { line: source.line(at.start) + 1, indent: found[2].length };
}

async function readCase(node: YamlNode, root: YamlNode, places: Places): Promise<TestCase> {
  const name = member(node, 'name') as YamlNode;
  const workers = textIn(member(node, 'workers') ?? member(root, 'workers'));
  return {
    name: textIn(name) ?? '',
    span: places.span(name.at),
    env: { ...textsIn(member(root, 'env')), ...textsIn(member(node, 'env')) },
    workers: workers === null ? 1 : Number(workers),
    steps: await readSteps(node, places),
    end: await readExpectations(member(node, 'expect'), places),
    counters: readCounters(member(node, 'counters'), places),
  };
}

async function readSteps(node: YamlNode, places: Places): Promise<readonly Step[]> {
  const steps = member(node, 'steps');
  const [input, advance] = [member(node, 'input'), member(node, 'advance')];
  if (steps !== undefined && (input ?? advance) !== undefined)
    places.error('invalid', 'steps excludes input and advance', steps.at);
  const written = steps === undefined ? [input && { input }, advance && { advance }] : itemsIn(steps).map(keysOf);
  const read: Step[] = [];
  for (const step of written) if (step !== undefined) read.push(await readStep(step, places));
  return read;
}

interface WrittenStep {
  readonly input?: YamlNode;
  readonly advance?: YamlNode;
  readonly memory?: YamlNode;
  readonly expect?: YamlNode;
}

const keysOf = (node: YamlNode): WrittenStep =>
  node.kind === 'map' ? Object.fromEntries(entriesIn(node).map(([key, value]) => [key, value])) : {};

async function readStep({ input, advance, memory, expect }: WrittenStep, places: Places): Promise<Step> {
  if (advance !== undefined) {
    const ms = parseDuration(textIn(advance) ?? '');
    if (typeof ms !== 'number' || ms < 0) places.error('invalid', 'time does not run backwards', advance.at);
    return { kind: 'advance', ms: typeof ms === 'number' ? ms : 0 };
  }
  if (memory !== undefined) {
    const bytes = parseSize(textIn(memory) ?? '');
    if (typeof bytes !== 'number') places.error('invalid', bytes.problem, memory.at);
    return { kind: 'memory', bytes: typeof bytes === 'number' ? bytes : 0 };
  }
  if (expect !== undefined) return { kind: 'expect', expectations: await readExpectations(expect, places) };
  const requests: Request[] = [];
  const nodes = input?.kind === 'list' ? input.items : input === undefined ? [] : [input];
  for (const node of nodes) requests.push(await readRequest(node, places));
  return { kind: 'input', requests };
}

async function readRequest(node: YamlNode, places: Places): Promise<Request> {
  const items = KINDS.flatMap((kind) => {
    const signal = SIGNAL_OF[kind];
    const written = itemsIn(member(node, kind));
    return signal === undefined || written.length === 0 ? [] : [{ signal, items: written.map(itemOf).filter(isMap) }];
  });
  const otlp = await readOtlp(member(node, 'otlp_json'), places);
  const start = { start: node.at.start, end: node.at.start };
  if (items.length === 0 && otlp.length === 0 && places.found.length === 0)
    places.error('missing', 'expected spans, metrics, logs or otlp_json', start);
  const metadata = member(node, 'metadata');
  return {
    receiver: textIn(member(node, 'receiver')),
    span: places.span(start),
    resource: mapIn(member(node, 'resource')),
    scope: mapIn(member(node, 'scope')),
    items,
    otlp,
    metadata: metadata?.kind === 'map' ? readMetadata(metadata) : null,
    outcome: (textIn(member(node, 'outcome')) ?? 'accepted') as Request['outcome'],
  };
}

function readMetadata(node: YamlNode & { readonly kind: 'map' }): ReadonlyMap<string, readonly string[]> {
  return new Map(
    entriesIn(node).map(([key, value]) => [
      key.toLowerCase(),
      value.kind === 'list' ? value.items.map((item) => textIn(item) ?? '') : [textIn(value) ?? ''],
    ]),
  );
}
