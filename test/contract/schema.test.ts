/**
 * Every registered component takes exactly the arguments and blocks of Alloy's sheet, with its types, defaults, allowed
 * values and required marks, and exports what it says; so do the import blocks. A difference that is meant stands in `DIFFERENCES` with its reason.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { IMPORT_BLOCKS } from '#main/graph/imports/list.ts';
import type { AttrField, BlockField, BodySchema, Shape } from '#config/schema/schema.ts';
import { defaults } from '#config/schema/schema.ts';
import { duration, size } from '#config/schema/types.ts';
import { FLOW_NAMES, LOKI, PROMETHEUS } from '#shared/signal.ts';
import { SHEET_SKIP, sheet, type SheetArgument, type SheetBlock, type SheetComponent } from '#test/support/sheet.ts';

/** `component path.attribute` -> why it differs from the sheet. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  '.exponential_histogram_max_size': 'the sheet has the type of the documentation; the code takes a number',
  'grpc > keepalive > server_parameters.max_connection_age_grace': 'the sheet writes "infinity"; here it is unset',
  'grpc > keepalive > server_parameters.max_connection_age': 'the sheet writes "infinity"; here it is unset',
  'grpc > keepalive > server_parameters.max_connection_idle': 'the sheet writes "infinity"; here it is unset',
  '.mode': 'the sheet has the default of the documentation, proportional; the code leaves it unset, which is hash_seed',
  '.revision': 'the sheet has the default of the documentation, HEAD, which the code refuses; its own is main',
};

/** What the Collector has and Alloy has not: there is no sheet to agree with. */
const NOT_IN_ALLOY: ReadonlySet<string> = new Set(['otelcol.processor.groupbytrace']);

interface Found {
  readonly attributes: Map<string, AttrField<unknown>>;
  readonly blocks: Map<string, BlockField<unknown>>;
}

function flatten(
  schema: BodySchema<Shape>,
  path = '',
  found: Found = { attributes: new Map(), blocks: new Map() },
): Found {
  for (const [name, field] of Object.entries(schema.shape)) {
    if (field.kind === 'attr') {
      found.attributes.set(`${path}.${name}`, field);
    } else {
      const inner = path === '' ? name : `${path} > ${name}`;
      found.blocks.set(inner, field);
      flatten(field.body, inner, found);
    }
  }
  return found;
}

/** The sheet's words for types that the schema names otherwise. */
function sameType(field: AttrField<unknown>, argument: SheetArgument): boolean {
  const ours = field.type.name;
  if (ours === 'size') return argument.type === 'string';
  if (ours === 'list(LogsReceiver)') return ['list(receiver)', ours].includes(argument.type);
  if (ours.startsWith('list(') || ours.startsWith('capsule(')) return argument.type === ours;
  const numeric = ['int', 'number', 'uint32', 'float32'];
  return ours === argument.type || (numeric.includes(ours) && numeric.includes(argument.type));
}

function sameDefault(field: AttrField<unknown>, argument: SheetArgument): boolean {
  const wanted = argument.default;
  const ours = field.default;
  // "No default" of the documentation is Go's zero value in the code.
  const nothing = (v: unknown): boolean =>
    v === undefined ||
    v === null ||
    v === '' ||
    v === 0 ||
    v === false ||
    (Array.isArray(v) && v.length === 0) ||
    (typeof v === 'object' && v !== null && Object.keys(v).length === 0);
  if (nothing(wanted)) return nothing(ours);
  if (field.type.name === 'duration') return ours === duration.decode(wanted as string);
  if (field.type.name === 'list(duration)')
    return isSame(
      ours,
      (wanted as string[]).map((text) => duration.decode(text)),
    );
  if (field.type.name === 'size') return ours === size.decode(wanted as string);
  if (argument.name === 'min_version' || argument.name === 'max_version') {
    // The documentation writes "TLS 1.2", a configuration "1.2"; unset means the same.
    return ours === undefined || ours === '' || `TLS ${String(ours)}` === wanted;
  }
  return isSame(ours, wanted);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

test('what is said to be not in Alloy is not in the sheet', { skip: SHEET_SKIP }, () => {
  for (const name of NOT_IN_ALLOY) {
    assert.ok(COMPONENTS.has(name), name);
    assert.equal(sheet!.components[name], undefined, name);
  }
});

for (const component of COMPONENTS.values()) {
  if (NOT_IN_ALLOY.has(component.name)) continue;
  test(`${component.name} agrees with the sheet`, { skip: SHEET_SKIP }, () => {
    const wanted = sheet!.components[component.name];
    assert.ok(wanted !== undefined, 'Alloy has such a component');
    assert.equal(component.stability, wanted.stability);
    assert.deepEqual(
      component.accepts
        .filter((flow) => flow < PROMETHEUS)
        .map((flow) => FLOW_NAMES[flow])
        .sort(),
      [...(wanted.accepts ?? [])].sort(),
    );
    assert.deepEqual(differences(component.args, wanted), []);
  });

  test(`${component.name} exports what the sheet says`, { skip: SHEET_SKIP }, () => {
    const words = (type: string): string =>
      type === 'receiver' ? 'LogsReceiver' : type.split(' or ').sort().join(' or ');
    const ours: Record<string, string> = {};
    if (component.accepts.includes(PROMETHEUS)) ours['receiver'] = 'MetricsReceiver';
    else if (component.accepts.includes(LOKI)) ours['receiver'] = 'LogsReceiver';
    else if (component.accepts.length > 0) ours['input'] = 'otelcol.Consumer';
    for (const [name, field] of Object.entries(component.exports?.shape ?? {}))
      ours[name] = field.kind === 'attr' ? words(field.type.name) : 'block';
    const wanted = sheet!.components[component.name].exports ?? [];
    assert.deepEqual(ours, Object.fromEntries(wanted.map(({ name, type }) => [name, words(type)])));
    assert.equal(component.exports !== undefined, component.provider !== undefined);
  });
}

for (const component of COMPONENTS.values()) {
  test(`${component.name}: its defaults encode and decode to themselves`, () => {
    const walk = (schema: BodySchema<Shape>): void => {
      for (const [name, field] of Object.entries(schema.shape)) {
        if (field.kind === 'block') walk(field.body);
        else if (field.default !== undefined) {
          assert.deepEqual(field.type.decode(field.type.encode(field.default)), field.default, name);
          assert.ok(field.doc.length > 0, `${name} is documented`);
        }
      }
    };
    walk(component.args);
    assert.ok(defaults(component.args));
  });
}

for (const block of IMPORT_BLOCKS.values()) {
  test(`${block.name} agrees with the sheet`, { skip: SHEET_SKIP }, () => {
    const wanted = sheet!.config_blocks[block.name];
    assert.equal(block.stability, wanted.stability);
    assert.deepEqual(differences(block.args, wanted), []);
  });
}

test('every import block of the sheet is there', { skip: SHEET_SKIP }, () => {
  const wanted = Object.keys(sheet!.config_blocks).filter((name) => name.startsWith('import.'));
  assert.deepEqual([...IMPORT_BLOCKS.keys()].sort(), wanted.sort());
});

function differences(args: BodySchema<Shape>, wanted: SheetComponent): readonly string[] {
  const found = flatten(args);
  const problems: string[] = [];
  const bodies: SheetBlock[] = [
    { path: '', required: true, repeatable: false, arguments: wanted.arguments ?? [] },
    ...(wanted.blocks ?? []),
  ];
  for (const block of bodies) {
    if (block.in_code === false) continue;
    if (block.path !== '') checkBlock(found, block, problems);
    for (const argument of block.arguments ?? []) {
      if (argument.in_code !== false) checkArgument(found, block.path, argument, problems);
    }
  }
  problems.push(...[...found.attributes.keys()].map((k) => `${k}: not in the sheet`));
  problems.push(...[...found.blocks.keys()].map((k) => `${k}: block not in the sheet`));
  return problems;
}

function checkBlock(found: Found, block: SheetBlock, problems: string[]): void {
  const ours = found.blocks.get(block.path);
  found.blocks.delete(block.path);
  if (ours === undefined) problems.push(`${block.path}: block is missing`);
  else {
    const required = block.code_required ?? block.required;
    if (ours.required !== required) problems.push(`${block.path}: required should be ${required}`);
    if ((ours.occurs === 'many') !== block.repeatable)
      problems.push(`${block.path}: repeatable should be ${block.repeatable}`);
  }
}

function checkArgument(found: Found, path: string, argument: SheetArgument, problems: string[]): void {
  const key = `${path}.${argument.name}`;
  const ours = found.attributes.get(key);
  found.attributes.delete(key);
  if (ours === undefined) {
    problems.push(`${key}: is missing`);
    return;
  }
  if (key in DIFFERENCES) return;
  if (!sameType(ours, argument)) problems.push(`${key}: type is ${ours.type.name}, should be ${argument.type}`);
  if (ours.required !== (argument.code_required ?? argument.required))
    problems.push(`${key}: required is ${ours.required}`);
  // What has to be written has no default, whatever the documentation says.
  if (argument.code_required !== true && !sameDefault(ours, argument))
    problems.push(`${key}: default is ${JSON.stringify(ours.default)}, should be ${JSON.stringify(argument.default)}`);
}
