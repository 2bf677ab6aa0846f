/** Arguments of otelcol.processor.attributes. Rules: Collector contrib `internal/coreinternal/attraction`, grafana/alloy. */
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { checkMatch, excludeBlock, includeBlock, patternProblem } from '#components/kit/blocks/match.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { plainValue } from '#components/kit/blocks/plain-value.ts';
import { Fault, fault } from '#config/schema/fault.ts';
import { attr, block, body, type Infer, type Report } from '#config/schema/schema.ts';
import { type, type Type } from '#config/schema/type.ts';
import { any, string } from '#config/schema/types.ts';
import { GoRegex } from '#text/regex.ts';

const ACTIONS = ['insert', 'update', 'upsert', 'hash', 'extract', 'convert', 'delete'] as const;
export type ActionName = (typeof ACTIONS)[number];

/** In letters of either case. */
export const actionName = (text: string): ActionName => text.toLowerCase() as ActionName;

const action: Type<string> = {
  ...type(
    'string',
    (value) => {
      const text = string.decode(value);
      if (text instanceof Fault || ACTIONS.includes(actionName(text))) return text;
      return fault(`should be one of ${ACTIONS.map((word) => `"${word}"`).join(', ')}`);
    },
    (text: string) => text,
  ),
  words: ACTIONS,
};

const CONVERTED_TYPES = ['int', 'double', 'string'];

const actionShape = {
  key: attr(string, {
    default: '',
    doc: 'Attribute that the action is about. `delete` and `hash` need it or `pattern`, all others need it.',
  }),
  value: attr(any, { doc: 'Value for `insert`, `update` and `upsert`. The attribute gets its type.' }),
  pattern: attr(string, {
    default: '',
    doc: 'RE2 regular expression. `delete` and `hash`: which keys. `extract`: what of the value becomes which attribute.',
  }),
  from_attribute: attr(string, {
    default: '',
    doc: 'Attribute of the same span, data point or log record whose value is taken for `insert`, `update` and `upsert`.',
  }),
  from_context: attr(string, {
    default: '',
    doc: 'Key of the request metadata, also written as `metadata.<key>`, for `insert`, `update` and `upsert`.',
  }),
  converted_type: attr(string, { default: '', doc: 'What `convert` makes of the value: `int`, `double` or `string`.' }),
  action: attr(action, { required: true, doc: 'What is done, in letters of either case.' }),
};

const actionBody = body(actionShape, (a, error) => {
  const name = actionName(a.action);
  if (a.value !== undefined && plainValue(a.value) === undefined)
    error('value', 'value should be a string, a number, a bool, a list or an object of such values');
  const sources = (['value', 'from_attribute', 'from_context'] as const).filter((key) => isGiven(a[key]));
  const unused = (keys: readonly (keyof typeof actionShape)[]): void => {
    for (const key of keys) if (isGiven(a[key])) error(key, `the action ${name} does not use ${key}`);
  };
  switch (name) {
    case 'insert':
    case 'update':
    case 'upsert':
      unused(['pattern', 'converted_type']);
      if (sources.length === 0)
        error('action', `the action ${name} requires one of value, from_attribute or from_context`);
      else if (sources.length > 1)
        error(sources[1], `the action ${name} takes only one of value, from_attribute and from_context`);
      checkContext(a.from_context, error);
      break;
    case 'delete':
    case 'hash':
      // Alloy and the Collector let from_context pass here, without effect.
      unused(['value', 'from_attribute', 'converted_type']);
      checkPattern(a.pattern, error);
      break;
    case 'extract':
      unused(['value', 'from_attribute', 'from_context', 'converted_type']);
      if (a.pattern === '') error('action', 'the action extract requires pattern');
      else if (checkPattern(a.pattern, error)) checkGroups(new GoRegex(a.pattern), error);
      break;
    case 'convert':
      unused(['value', 'from_attribute', 'from_context', 'pattern']);
      if (a.converted_type === '') error('action', 'the action convert requires converted_type');
      else if (!CONVERTED_TYPES.includes(a.converted_type))
        error('converted_type', 'converted_type should be one of "int", "double", "string"');
  }
});
export type ActionArgs = Infer<typeof actionBody>;

const isGiven = (value: unknown): boolean => value !== undefined && value !== '';

type ActionReport = Report<typeof actionShape>;

function checkContext(key: string, error: ActionReport): void {
  if (key === 'client.address')
    error(
      'from_context',
      'from_context cannot be "client.address": the address of the client does not reach processors',
    );
  else if (key.startsWith('auth.'))
    error('from_context', 'from_context cannot be "auth.*": what an authenticator knows does not reach processors');
}

function checkPattern(pattern: string, error: ActionReport): boolean {
  const wrong = patternProblem(pattern);
  if (wrong !== null) error('pattern', wrong);
  return wrong === null;
}

function checkGroups({ groupCount, names }: GoRegex, error: ActionReport): void {
  if (groupCount === 0) error('pattern', 'pattern has no named group, such as (?P<name>...)');
  else if (names.size < groupCount)
    error('pattern', 'pattern has a group without a name: write (?P<name>...) or (?:...)');
}

export const args = body(
  {
    include: includeBlock,
    exclude: excludeBlock,
    action: block(actionBody, {
      many: true,
      otelcol: { key: 'actions' },
      doc: 'What is done with attributes, one after the other.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    // A block with a mistake of its own may lack its action.
    (a.action as readonly Partial<ActionArgs>[]).forEach(({ key, pattern, action: written }, i) => {
      const name = actionName(written ?? '');
      const what = name === 'delete' || name === 'hash' ? 'key or pattern' : 'key';
      if (key === '' && (pattern === '' || what === 'key'))
        error('action', `action block number ${i + 1}: the action ${name} requires ${what}`, i);
    });
    checkMatch(a, error);
  },
);
export type Args = Infer<typeof args>;
