/** The page docs/reference/ottl.md, from the tables that the compiler of OTTL itself uses: functions, contexts, paths, enums. */
import { OWN_CONVERTERS, OWN_EDITORS } from '#components/otelcol/processor/transform/functions.ts';
import { CONTEXTS, type Context } from '#ottl/context.ts';
import { EDITORS } from '#ottl/editors/library.ts';
import { signature } from '#ottl/functions/arguments.ts';
import type { Converter } from '#ottl/functions/function.ts';
import { ADJUSTED_COUNT } from '#ottl/functions/items.ts';
import { CONVERTERS } from '#ottl/functions/library.ts';
import type { PathEntry } from '#ottl/paths/entry.ts';

/** What the page says of a function; editors give nothing. */
type Shown = Pick<Converter, 'name' | 'parameters' | 'doc' | 'contexts'> & Partial<Pick<Converter, 'returns'>>;

/** Functions that one component has beside the common ones. */
const OF_COMPONENTS: readonly (readonly [component: string, functions: readonly Shown[]])[] = [
  ['otelcol.connector.signaltometrics', [ADJUSTED_COUNT]],
  ['otelcol.processor.transform', OWN_EDITORS],
  ['otelcol.processor.transform', OWN_CONVERTERS],
];

export function ottlPage(): string {
  return [
    '# OTTL',
    '',
    'The OpenTelemetry Transformation Language, as all components with expressions have it. Arguments in square brackets may be',
    'left out, and every argument may be given by its name, in snake case or camel case. Text that a function makes has at most',
    '16 Mi characters, and what is read may be nested 100 levels deep: what is more fails on that item alone. The type `any`',
    'is known only with the data: maps, lists and ids are among them.',
    '',
    '## Editors',
    '',
    ...functionTable([...EDITORS.values()]),
    '',
    '## Converters',
    '',
    ...functionTable([...CONVERTERS.values()]),
    '',
    ...OF_COMPONENTS.flatMap(([component, functions]) => [
      `Only in [\`${component}\`](components/${component}.md):`,
      '',
      ...functionTable(functions),
      '',
    ]),
    '',
    '## Contexts and their paths',
    '',
    'A path means what is below in its own context, with or without the name of the context before it (`span.name`, `name`); the',
    'contexts around it are reached by theirs. `[...]` may be followed by keys: of a map in quotes, of a list by position.',
    ...Object.values(CONTEXTS).flatMap(contextSection),
  ].join('\n');
}

function functionTable(functions: readonly Shown[]): string[] {
  const rows = functions
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((of) => {
      const only = of.contexts === undefined ? '' : ` Only in the context ${of.contexts.join(', ')}.`;
      const gives = of.returns === undefined ? '' : ` \`${of.returns}\` |`;
      return `| \`${signature(of)}\` |${gives} ${cell(of.doc)}${only} |`;
    });
  const head = functions.some(({ returns }) => returns !== undefined)
    ? ['| function | gives | |', '| --- | --- | --- |']
    : ['| function | |', '| --- | --- |'];
  return [...head, ...rows];
}

function contextSection({ name, own, sections, enums }: Context): string[] {
  const around = [...sections].filter(([, section]) => section !== own).map(([prefix]) => `\`${prefix}.\``);
  const names = Object.keys(enums);
  return [
    '',
    `### ${name}`,
    '',
    ...(around.length === 0 ? [] : [`Around it: ${around.join(', ')}.`, '']),
    '| path | type | |',
    '| --- | --- | --- |',
    ...Object.entries(own.paths).map(
      ([path, entry]) =>
        `| ${pathText(path, entry)} | \`${typeText(entry)}\` | ${entry.write === undefined ? 'read only' : ''} |`,
    ),
    ...(names.length === 0 ? [] : ['', `Enums: ${names.map((one) => `\`${one}\``).join(', ')}.`]),
  ];
}

const pathText = (path: string, { indexed }: PathEntry): string =>
  indexed === true ? `\`${path}\`, \`${path}[...]\`` : `\`${path}\``;

const typeText = ({ type, attributes }: PathEntry): string => (attributes === undefined ? type : 'map');

const cell = (text: string): string => text.replaceAll('|', '\\|');
