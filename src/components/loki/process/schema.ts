/** Arguments of loki.process. Facts: grafana/alloy `internal/component/loki/process/stages`. */
import { attr, block, body, stepsOf, type BlockField, type Infer } from '#config/schema/schema.ts';
import { bool, duration, list, logsReceivers, map, oneOf, size, string } from '#config/schema/types.ts';
import { GoRegex, RegexError } from '#text/regex.ts';
import { Zone } from '#text/zone.ts';
import { JmesError, jmesPath } from './jmespath.ts';
import { laterStages } from '#components/kit/blocks/loki-stages-later.ts';
import { lineSelector, LogqlError } from './logql.ts';
import { TemplateError } from './template/lexer.ts';
import { Template } from './template/run.ts';

const USERS_MISTAKES = [RegexError, TemplateError, JmesError, LogqlError];

/** Why `make` cannot read what a user wrote; null when it can. */
function problemOf(make: () => unknown): string | null {
  try {
    make();
    return null;
  } catch (error) {
    if (error instanceof Error && USERS_MISTAKES.some((kind) => error instanceof kind)) return error.message;
    throw error;
  }
}
const regexProblem = (pattern: string): string | null => problemOf(() => new GoRegex(pattern));

type Say = (message: string) => void;
const sayProblem = (problem: string | null, say: Say): void => {
  if (problem !== null) say(problem);
};
const needText = (text: string, say: Say, what: string): void => {
  if (text === '') say(`${what} must not be empty`);
};

function checkLabelNames(names: Iterable<string>, say: Say): void {
  for (const name of names) if (!/^[A-Za-z_]\w*$/.test(name)) say(`invalid label name: ${name}`);
}

const sourceOrLine = attr(string, { doc: 'Name in the extracted data of what is read; the line when not set.' });
const notEmptySource = (source: string | undefined, say: Say): void => {
  if (source === '') say('source must not be empty');
};

const dropBody = body(
  {
    drop_counter_reason: attr(string, { default: 'drop_stage', doc: 'Reason under which dropped lines are counted.' }),
    source: attr(string, {
      default: '',
      doc: 'Names in the extracted data, with commas between them. Alone: drop where all of them exist.',
    }),
    value: attr(string, { default: '', doc: 'Drop where the sources have this value.' }),
    separator: attr(string, { default: ';', doc: 'Stands between the values of several sources.' }),
    expression: attr(string, {
      default: '',
      doc: 'Drop where this regular expression matches the sources, or the line without sources.',
    }),
    older_than: attr(duration, { default: 0, doc: 'Drop what is older than this.' }),
    longer_than: attr(size, { default: 0, doc: 'Drop lines that are longer than this.' }),
  },
  (a, error) => {
    if (a.source === '' && a.expression === '' && a.older_than === 0 && a.longer_than === 0)
      error(
        'source',
        'drop stage config must contain at least one of `source`, `expression`, `older_than` or `longer_than`',
      );
    if (a.value !== '' && a.expression !== '')
      error('value', 'drop stage config error, `value` and `expression` cannot both be defined at the same time');
    if (a.value !== '' && a.source === '')
      error('value', 'drop stage config must contain `source` if `value` is specified');
    if (a.older_than < 0) error('older_than', 'older_than must not be negative');
    if (a.longer_than < 0) error('longer_than', 'longer_than must not be negative');
    sayProblem(regexProblem(a.expression), (message) => error('expression', message));
  },
);
export type DropArgs = Infer<typeof dropBody>;

const jsonBody = body(
  {
    expressions: attr(map(string), {
      default: {},
      doc: 'Names for the extracted data with JMESPath expressions; an empty one is the name itself.',
    }),
    regex: attr(string, { default: '', doc: 'Members at the top whose names match it are extracted, too.' }),
    source: sourceOrLine,
    drop_malformed: attr(bool, { default: false, doc: 'Drop lines that are no JSON object.' }),
  },
  (a, error) => {
    if (Object.keys(a.expressions).length === 0 && a.regex === '')
      error('expressions', 'JMES expressions or regex is required');
    notEmptySource(a.source, (message) => error('source', message));
    for (const [name, expression] of Object.entries(a.expressions))
      sayProblem(
        problemOf(() => jmesPath(expression === '' ? name : expression)),
        (message) => error('expressions', message),
      );
    sayProblem(regexProblem(a.regex), (message) => error('regex', message));
  },
);
export type JsonArgs = Infer<typeof jsonBody>;

const logfmtBody = body(
  {
    mapping: attr(map(string), {
      default: {},
      doc: 'Names for the extracted data with the keys that they come from; an empty one is the name itself.',
    }),
    regex: attr(string, { default: '', doc: 'Keys that match it are extracted, too.' }),
    source: attr(string, { default: '', doc: 'Name in the extracted data of what is read; the line when empty.' }),
  },
  (a, error) => {
    if (Object.keys(a.mapping).length === 0 && a.regex === '') error('mapping', 'logfmt mapping or regex is required');
    sayProblem(regexProblem(a.regex), (message) => error('regex', message));
  },
);
export type LogfmtArgs = Infer<typeof logfmtBody>;

const regexBody = body(
  {
    expression: attr(string, { required: true, doc: 'Regular expression; its named groups are extracted.' }),
    source: sourceOrLine,
    labels_from_groups: attr(bool, { default: false, doc: 'Named groups become labels, too.' }),
  },
  (a, error) => {
    needText(a.expression, (message) => error('expression', message), 'expression');
    notEmptySource(a.source, (message) => error('source', message));
    sayProblem(regexProblem(a.expression), (message) => error('expression', message));
  },
);
export type RegexArgs = Infer<typeof regexBody>;

const replaceBody = body(
  {
    expression: attr(string, { required: true, doc: 'Regular expression; what its groups match is replaced.' }),
    source: attr(string, { doc: 'Name in the extracted data of what is changed; the line when not set.' }),
    replace: attr(string, { doc: 'Template of what stands there then; `.Value` is what was matched.' }),
  },
  (a, error) => {
    needText(a.expression, (message) => error('expression', message), 'expression');
    sayProblem(regexProblem(a.expression), (message) => error('expression', message));
    sayProblem(
      problemOf(() => new Template(a.replace ?? '')),
      (message) => error('replace', message),
    );
  },
);
export type ReplaceArgs = Infer<typeof replaceBody>;

const labelsBody = body(
  {
    values: attr(map(string), {
      required: true,
      doc: 'Labels with the names of what their values come from; an empty one is the name itself.',
    }),
    source_type: attr(oneOf('extracted', 'structured_metadata'), {
      default: 'extracted',
      doc: 'Whether values come from the extracted data or from structured metadata.',
    }),
  },
  (a, error) => checkLabelNames(Object.keys(a.values), (message) => error('values', message)),
);
export type LabelsArgs = Infer<typeof labelsBody>;

const staticLabelsBody = body(
  { values: attr(map(string), { required: true, doc: 'Labels with their values; empty ones are left out.' }) },
  (a, error) => checkLabelNames(Object.keys(a.values), (message) => error('values', message)),
);
export type StaticLabelsArgs = Infer<typeof staticLabelsBody>;

const metadataBody = body(
  {
    values: attr(map(string), {
      default: {},
      doc: 'Names of structured metadata with the names of what the values come from; an empty one is the name itself.',
    }),
    regex: attr(string, { default: '', doc: 'What is called so in the extracted data or the labels is taken, too.' }),
  },
  (a, error) => {
    checkLabelNames(Object.keys(a.values), (message) => error('values', message));
    sayProblem(regexProblem(a.regex), (message) => error('regex', message));
  },
);
export type MetadataArgs = Infer<typeof metadataBody>;

/** Of stages that take a list of names. */
const namesBody = body({ values: attr(list(string), { required: true, doc: 'Names.' }) }, (a, error) => {
  if (a.values.length === 0) error('values', 'values must not be empty');
});
export type NamesArgs = Infer<typeof namesBody>;

const outputBody = body(
  { source: attr(string, { required: true, doc: 'Name in the extracted data of what becomes the line.' }) },
  (a, error) => needText(a.source, (message) => error('source', message), 'source'),
);
export type OutputArgs = Infer<typeof outputBody>;

const templateBody = body(
  {
    source: attr(string, { required: true, doc: 'Name in the extracted data that the result is given.' }),
    template: attr(string, {
      required: true,
      doc: 'Go template: `.Value` is what the name has now, `.Entry` the line, others are the extracted data.',
    }),
  },
  (a, error) => {
    needText(a.source, (message) => error('source', message), 'source');
    sayProblem(
      problemOf(() => new Template(a.template)),
      (message) => error('template', message),
    );
  },
);
export type TemplateArgs = Infer<typeof templateBody>;

const tenantBody = body(
  {
    label: attr(string, { default: '', doc: 'Label whose value is the tenant.' }),
    source: attr(string, { default: '', doc: 'Name in the extracted data whose value is the tenant.' }),
    value: attr(string, { default: '', doc: 'The tenant.' }),
  },
  (a, error) => {
    const set = (['label', 'source', 'value'] as const).filter((key) => a[key] !== '');
    if (set.length === 0) error('label', 'label, source or value config are required');
    if (set.length > 1)
      error(
        set[1],
        'label, source and value are mutually exclusive: you should set source, value or label but not all',
      );
  },
);
export type TenantArgs = Infer<typeof tenantBody>;

const timestampBody = body(
  {
    source: attr(string, { required: true, doc: 'Name in the extracted data of the time.' }),
    format: attr(string, {
      required: true,
      doc: "Go layout, a name of Go's (`RFC3339`), or `Unix`, `UnixMs`, `UnixUs`, `UnixNs`.",
    }),
    fallback_formats: attr(list(string), { default: [], doc: 'Formats that are tried when `format` does not fit.' }),
    location: attr(string, { default: '', doc: 'Time zone (IANA) of times that do not say theirs; UTC when empty.' }),
    action_on_failure: attr(oneOf('fudge', 'skip'), {
      default: 'fudge',
      doc: "Where no time is found: `fudge` takes the stream's last one and a nanosecond, `skip` leaves the time as it is.",
    }),
    action_on_duplicate_timestamp: attr(oneOf('fudge', 'keep'), {
      default: 'fudge',
      doc: "Where the time is the stream's last one: `fudge` adds a nanosecond, `keep` leaves it.",
    }),
  },
  (a, error) => {
    needText(a.source, (message) => error('source', message), 'source');
    needText(a.format, (message) => error('format', message), 'format');
    if (Zone.named(a.location) === null) error('location', `unknown time zone ${a.location}`);
  },
);
export type TimestampArgs = Infer<typeof timestampBody>;

const matchBody = body(
  {
    selector: attr(string, { required: true, doc: 'LogQL: labels, and filters of the line.' }),
    action: attr(oneOf('keep', 'drop'), {
      default: 'keep',
      doc: '`keep` runs the stages inside on what is selected, `drop` drops it.',
    }),
    drop_counter_reason: attr(string, { default: 'match_stage', doc: 'Reason under which dropped lines are counted.' }),
    pipeline_name: attr(string, { default: '', doc: 'Name of the inner pipeline. Accepted without effect.' }),
  },
  (a, error) => {
    sayProblem(
      problemOf(() => lineSelector(a.selector)),
      (message) => error('selector', message),
    );
    const { length } = stepsOf(a);
    if (a.action === 'keep' && length === 0) error('action', 'match stage requires at least one additional stage');
    if (a.action === 'drop' && length > 0)
      error('action', 'match stage configured to drop entries cannot contain stages');
  },
  { sequence: (): Readonly<Record<string, BlockField<unknown>>> => STAGES },
);
export type MatchArgs = Infer<typeof matchBody>;

const many = { many: true } as const;
const STAGES = {
  ...laterStages,
  'stage.decolorize': block(body({}), { ...many, doc: 'Takes ANSI colors off the line.' }),
  'stage.drop': block(dropBody, { ...many, doc: 'Drops lines that meet all conditions that are set.' }),
  'stage.json': block(jsonBody, { ...many, doc: 'Extracts from JSON.' }),
  'stage.label_drop': block(namesBody, { ...many, doc: 'Takes labels off.' }),
  'stage.label_keep': block(namesBody, { ...many, doc: 'Takes all other labels off.' }),
  'stage.labels': block(labelsBody, { ...many, doc: 'Makes labels of the extracted data.' }),
  'stage.logfmt': block(logfmtBody, { ...many, doc: 'Extracts from logfmt.' }),
  'stage.match': block(matchBody, {
    ...many,
    doc: 'Runs the stages inside it, of any kind and in their order, only on lines that it selects.',
  }),
  'stage.output': block(outputBody, { ...many, doc: 'Makes the line of the extracted data.' }),
  'stage.regex': block(regexBody, { ...many, doc: 'Extracts by a regular expression.' }),
  'stage.replace': block(replaceBody, { ...many, doc: 'Replaces parts of the line or of the extracted data.' }),
  'stage.static_labels': block(staticLabelsBody, { ...many, doc: 'Adds labels.' }),
  'stage.structured_metadata': block(metadataBody, {
    ...many,
    doc: 'Makes structured metadata of the extracted data and of labels.',
  }),
  'stage.structured_metadata_drop': block(namesBody, { ...many, doc: 'Takes structured metadata off.' }),
  'stage.template': block(templateBody, { ...many, doc: 'Changes the extracted data by a Go template.' }),
  'stage.tenant': block(tenantBody, { ...many, doc: 'Sets the tenant for which a line is written.' }),
  'stage.timestamp': block(timestampBody, { ...many, doc: 'Takes the time from the extracted data.' }),
} as const;

export const args = body(
  { forward_to: attr(logsReceivers, { required: true, doc: 'Where the processed lines go.' }), ...STAGES },
  undefined,
  { sequence: () => STAGES },
);
export type Args = Infer<typeof args>;
export type { Step } from '#config/schema/schema.ts';
