/**
 * The pages of docs/reference, from the declarations that the collector itself reads: schemas, the table of commands, the
 * standard library, OTTL. What a schema cannot say (behaviour, metrics) is the component's README.
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Component } from '#components/kit/component.ts';
import { COMPONENTS } from '#components/list.ts';
import { libraryConstants, libraryFunctions } from '#config/eval/library/library.ts';
import type { LibraryFunction } from '#config/eval/library/function.ts';
import { reference } from '#config/schema/reference.ts';
import type { BodySchema, Field, Shape } from '#config/schema/schema.ts';
import { COMMANDS } from '#main/cli/commands.ts';
import { environmentName, type Flag } from '#main/cli/flags.ts';
import type { ConfigBlock } from '#main/graph/blocks/config-block.ts';
import { argumentBlock, declareBlock, exportBlock, foreachBlock } from '#main/graph/blocks/module-blocks.ts';
import { SETTING_BLOCKS } from '#main/graph/blocks/settings.ts';
import { IMPORT_BLOCKS } from '#main/graph/imports/list.ts';
import { FLOW_NAMES, SIGNAL_NAMES } from '#shared/signal.ts';
import { mouthOf } from '#main/graph/component-node.ts';
import { ottlPage } from './ottl-reference.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = join(ROOT, 'docs/reference/components');
const GENERATED =
  '<!-- Generated from the sources: MILLRACE_UPDATE_GOLDEN=1 npm test -- test/golden/reference.test.ts -->\n';
const HEALTH =
  'Healthy from its start on. A worker that ends makes it unhealthy until it runs again. What fails on the way of the data is in its metrics and in the log.';

type Block = Pick<ConfigBlock, 'name' | 'stability' | 'summary' | 'args'>;

/** Text by path below docs/reference/. */
export function referencePages(): ReadonlyMap<string, string> {
  const pages = new Map<string, string>();
  const blocks: Block[] = [
    ...SETTING_BLOCKS.values(),
    argumentBlock,
    declareBlock,
    exportBlock,
    foreachBlock,
    ...IMPORT_BLOCKS.values(),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const components = [...COMPONENTS.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  pages.set('README.md', index(components, blocks));
  for (const component of components) pages.set(`components/${component.name}.md`, componentPage(component));
  for (const block of blocks) pages.set(`config-blocks/${block.name}.md`, blockPage(block));
  pages.set('stdlib.md', stdlib());
  pages.set('ottl.md', ottlPage());
  pages.set('cli.md', cli());
  return new Map([...pages].map(([path, text]) => [path, `${GENERATED}\n${text.trim()}\n`]));
}

function index(components: readonly Component[], blocks: readonly Block[]): string {
  const row = (folder: string, { name, stability, summary }: Pick<Block, 'name' | 'stability' | 'summary'>): string =>
    `| [\`${name}\`](${folder}/${name}.md) | ${stability} | ${cell(summary)} |`;
  return [
    '# Reference',
    '',
    'The [language](../guides/language.md), the [standard library](stdlib.md), [OTTL](ottl.md), the [command line](cli.md).',
    '',
    '## Components',
    '',
    '| name | stability | |',
    '| --- | --- | --- |',
    ...components.map((component) => row('components', component)),
    '',
    '## Configuration blocks',
    '',
    '| name | stability | |',
    '| --- | --- | --- |',
    ...blocks.map((block) => row('config-blocks', block)),
  ].join('\n');
}

function componentPage(component: Component): string {
  const { name, stability, summary, args, accepts, exports, otelcol, main } = component;
  const { intro, sections } = readme(name);
  const runs =
    component.provider !== undefined
      ? 'the main thread'
      : main !== undefined
        ? 'the thread that accepts'
        : 'every worker';
  return [
    `# ${name}`,
    '',
    `${summary} Stability: ${stability}. Runs in ${runs}.`,
    '',
    '## Usage',
    '',
    '```alloy',
    usage(name, 'LABEL', args),
    '```',
    '',
    '## Arguments and blocks',
    reference(args),
    '',
    '## Exports',
    '',
    exportsTable(accepts, exports),
    ...(otelcol === undefined ? [] : ['', '## In the OpenTelemetry Collector', '', collector(otelcol, args)]),
    '',
    '## Health',
    '',
    sections.get('Health') ?? HEALTH,
    ...(sections.has('Metrics') ? ['', '## Metrics', '', sections.get('Metrics')!] : []),
    '',
    '## How it works',
    '',
    intro,
    ...[...sections]
      .filter(([title]) => !['Health', 'Metrics', 'Exports', 'Arguments and blocks'].includes(title))
      .flatMap(([title, text]) => ['', `### ${title}`, '', text.replaceAll(/^## /gm, '### ')]),
  ].join('\n');
}

function blockPage({ name, stability, summary, args }: Block): string {
  const label = name.includes('.') || ['argument', 'declare', 'export', 'foreach'].includes(name) ? 'LABEL' : null;
  return [
    `# ${name}`,
    '',
    `${summary} Stability: ${stability}.${label === null ? ' There is at most one, without a label.' : ''}`,
    '',
    '```alloy',
    usage(name, label, args),
    '```',
    reference(args),
  ].join('\n');
}

/** The block with everything that must be written. */
function usage(name: string, label: string | null, args: BodySchema<Shape>): string {
  const inside = required(args, '  ');
  const head = `${name}${label === null ? '' : ` "${label}"`} {`;
  return inside.length === 0 ? `${head} }` : [head, ...inside, '}'].join('\n');
}

function required({ shape }: BodySchema<Shape>, indent: string): string[] {
  return Object.entries(shape).flatMap(([name, field]: [string, Field]) => {
    if (!field.required) return [];
    if (field.kind === 'attr') return [`${indent}${name} = ${name.toUpperCase()}`];
    if (name === 'output')
      return [`${indent}output {`, ...SIGNAL_NAMES.map((signal) => `${indent}  ${signal} = [...]`), `${indent}}`];
    const inside = required(field.body, `${indent}  `);
    return inside.length === 0 ? [`${indent}${name} { }`] : [`${indent}${name} {`, ...inside, `${indent}}`];
  });
}

function exportsTable(accepts: Component['accepts'], exports: Component['exports']): string {
  const rows = [
    ...(accepts.length === 0
      ? []
      : [
          `| \`${mouthOf(accepts).name}\` | \`${mouthOf(accepts).capsule}\` | where other components send ${accepts.map((flow) => FLOW_NAMES[flow]).join(', ')} to |`,
        ]),
    ...Object.entries(exports?.shape ?? {}).map(([name, field]) =>
      field.kind === 'attr' ? `| \`${name}\` | \`${field.type.name}\` | ${cell(field.doc)} |` : '',
    ),
  ];
  return rows.length === 0 ? 'None.' : ['| name | type | |', '| --- | --- | --- |', ...rows].join('\n');
}

function collector({ kind, type }: NonNullable<Component['otelcol']>, args: BodySchema<Shape>): string {
  const rows = differences(args, '');
  const lead = `\`${kind}s: ${type}:\`. \`millrace convert\` and \`millrace otel\` know it.`;
  if (rows.length === 0) return `${lead} Names and defaults are the same.`;
  return [lead, '', '| here | there | default here | default there |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function differences({ shape }: BodySchema<Shape>, path: string): string[] {
  return Object.entries(shape).flatMap(([name, field]: [string, Field]) => {
    const here = path === '' ? name : `${path} > ${name}`;
    if (field.kind === 'block') return field.otelcol.key === null ? [] : differences(field.body, here);
    const { key, default: theirs } = field.otelcol;
    if (key === undefined && theirs === undefined) return [];
    const print = (value: unknown): string => (value === undefined ? '' : `\`${field.type.print(value)}\``);
    return [`| \`${here}\` | \`${key ?? name}\` | ${print(field.default)} | ${print(theirs ?? field.default)} |`];
  });
}

function readme(name: string): { readonly intro: string; readonly sections: ReadonlyMap<string, string> } {
  const folder = join(ROOT, 'src/components', name.replaceAll('.', '/'));
  // Links lead on from where the page lies.
  const text = readFileSync(join(folder, 'README.md'), 'utf8').replaceAll(
    /\]\((\.\.?\/[^)#]*)/g,
    (_link, target: string) => `](${relative(PAGES, join(folder, target))}`,
  );
  const [head = '', ...rest] = text.split(/^## /m);
  const sections = new Map(
    rest.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1).trim()] as const;
    }),
  );
  return { intro: head.replace(/^# .*\n/, '').trim(), sections };
}

function stdlib(): string {
  const environment = { variable: () => undefined, hostname: 'HOST', os: 'linux', arch: 'amd64', version: 'v0.0.0' };
  const constants: Readonly<Record<string, string>> = {
    'constants.hostname': 'the name of the machine',
    'constants.os': 'its operating system as Go names it: `linux`, `darwin`, `windows`',
    'constants.arch': 'its processor as Go names it: `amd64`, `arm64`',
    'constants.version': 'the version of millrace, with its `v`',
    module_path: 'the folder of the module that it stands in',
  };
  return [
    '# Standard library',
    '',
    'Functions take secrets only where that is said; results are at most 16 Mi characters or a million elements.',
    '',
    '## Constants',
    '',
    '| name | |',
    '| --- | --- |',
    ...[...libraryConstants(environment).map(([name]) => name), 'module_path'].map(
      (name) => `| \`${name}\` | ${constants[name] ?? ''} |`,
    ),
    '',
    '## Functions',
    ...libraryFunctions(environment).flatMap(functionSection),
  ].join('\n');
}

function functionSection({
  functionName,
  alias,
  summary,
  example,
  experimental,
  parameters,
  optional,
  rest,
  returns,
}: LibraryFunction): string[] {
  const shown = [
    ...parameters.map(({ name, type }) => `${name}: ${type}`),
    ...(optional === undefined ? [] : [`[${optional.name}: ${optional.type}]`]),
    ...(rest === undefined ? [] : [`${rest.name}: ${rest.type}...`]),
  ];
  return [
    '',
    `### \`${functionName}\``,
    '',
    `\`${functionName}(${shown.join(', ')})\` gives \`${returns}\`.${alias === undefined ? '' : ` Also called \`${alias}\`, its name before.`}${experimental === true ? ' Experimental.' : ''}`,
    '',
    summary,
    '',
    '```alloy',
    example,
    '```',
  ];
}

function cli(): string {
  return [
    '# Command line',
    '',
    'Exit codes: 0 success, 1 a configuration or run-time error, 2 wrong usage. Each flag has an environment variable, but for',
    'those of which the table says "command line only":',
    `\`--server.http.listen-addr\` is \`${environmentName('server.http.listen-addr')}\`. One dash does for two, as in Go.`,
    ...COMMANDS.flatMap(({ name, usage: how, summary, flags }) => {
      const active = flags.filter((flag) => flag.inert !== true);
      const inert = flags.filter((flag) => flag.inert === true);
      return [
        '',
        `## millrace ${name}`,
        '',
        '```text',
        how,
        '```',
        '',
        ...summary.split('\n'),
        '',
        '| flag | default | |',
        '| --- | --- | --- |',
        ...active.map(flagRow),
        ...(inert.length === 0
          ? []
          : [
              '',
              `Accepted without effect, with one warning: ${inert.map((flag) => `\`--${flag.name}\``).join(', ')}.`,
            ]),
      ];
    }),
  ].join('\n');
}

function flagRow(flag: Flag): string {
  const fallback = 'defaultText' in flag && flag.defaultText !== undefined ? flag.defaultText : String(flag.default);
  const choices = flag.kind === 'choice' ? ` One of ${flag.choices.filter((choice) => choice !== '').join(', ')}.` : '';
  const names = [`--${flag.name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])]
    .map((name) => `\`${name}\``)
    .join(', ');
  return `| ${names} | ${fallback === '' ? '' : `\`${fallback}\``} | ${cell(flag.doc)}${choices}${flag.local === true ? ' Command line only.' : ''} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
