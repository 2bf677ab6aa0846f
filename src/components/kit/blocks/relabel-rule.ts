/**
 * `rule { ... }` and `write_relabel_config { ... }`: one relabeling rule of Prometheus (prometheus `model/relabel`), with the
 * checks and messages of grafana/alloy `internal/component/common/relabel`. What the rules do stands in `kit/relabel/relabeler.ts`.
 */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { fault } from '#config/schema/fault.ts';
import { type, type Type } from '#config/schema/type.ts';
import { list, oneOf, string, uint64 } from '#config/schema/types.ts';
import { GoRegex, RegexError } from '#text/regex.ts';

const ACTIONS = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const;

export const DEFAULT_RELABEL_REGEX = '(.*)';
const DEFAULT_REPLACEMENT = '$1';
const DEFAULT_SEPARATOR = ';';

/** Names and templates of names. */
const TARGET = String.raw`^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$`;
let targetPattern: GoRegex | null = null;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A name as Prometheus has had them from the start; Alloy's rules make no others. */
export const isLabelName = (name: string): boolean => LABEL_NAME.test(name);

export const relabelRuleBlock = body(
  {
    source_labels: attr(list(string), { doc: 'Labels whose values are joined and matched against `regex`.' }),
    separator: attr(string, { default: DEFAULT_SEPARATOR, doc: 'Stands between the joined values.' }),
    regex: attr(string, {
      default: DEFAULT_RELABEL_REGEX,
      doc: 'RE2 regular expression that has to match the whole of the joined values, or of a label name.',
    }),
    modulus: attr(uint64, { doc: 'What the hash of the joined values is divided by, for `hashmod`.' }),
    target_label: attr(string, { doc: 'Label that is written; groups of `regex` are expanded in it for `replace`.' }),
    replacement: attr(string, {
      default: DEFAULT_REPLACEMENT,
      doc: 'Value that is written when `regex` matches; its groups are expanded.',
    }),
    action: attr(oneOf(...ACTIONS), { default: 'replace', doc: 'What the rule does.' }),
  },
  (rule, error) => {
    const { action, replacement } = rule;
    const target = rule.target_label ?? '';
    const quoted = JSON.stringify;
    const hasSources = (rule.source_labels ?? []).length > 0;
    const hasModulus = (rule.modulus ?? 0n) !== 0n;
    const hasSeparator = rule.separator !== DEFAULT_SEPARATOR;
    const hasReplacement = replacement !== DEFAULT_REPLACEMENT;
    const equal = action === 'keepequal' || action === 'dropequal';
    const cased = action === 'lowercase' || action === 'uppercase';

    const wrong = regexProblem(rule.regex);
    if (wrong !== null) error('regex', wrong);
    if (action === 'hashmod' && !hasModulus)
      error('modulus', 'relabel configuration for hashmod requires non-zero modulus');
    if (action === 'replace' || action === 'hashmod' || cased || equal) {
      // Only `replace` expands it: Alloy lets the others pass here and then writes a label named `$1`.
      const valid = action === 'replace' ? (targetPattern ??= new GoRegex(TARGET)).test(target) : isLabelName(target);
      if (target === '')
        error('target_label', `relabel configuration for ${action} action requires 'target_label' value`);
      else if (!valid) error('target_label', `${quoted(target)} is invalid 'target_label' for ${action} action`);
    }
    if (action === 'labelmap' && !(targetPattern ??= new GoRegex(TARGET)).test(replacement))
      error('replacement', `${quoted(replacement)} is invalid 'replacement' for ${action} action`);
    if ((cased || equal) && hasReplacement) error('replacement', `'replacement' can not be set for ${action} action`);
    else if (equal && (rule.regex !== DEFAULT_RELABEL_REGEX || hasModulus || hasSeparator))
      error('action', `${action} action requires only 'source_labels' and 'target_label', and no other fields`);
    if (
      (action === 'labeldrop' || action === 'labelkeep') &&
      (hasSources || target !== '' || hasModulus || hasSeparator || hasReplacement)
    )
      error('action', `${action} action requires only 'regex', and no other fields`);
  },
);
export type RelabelRule = Infer<typeof relabelRuleBlock>;

function regexProblem(pattern: string): string | null {
  try {
    new GoRegex(pattern);
    return null;
  } catch (thrown) {
    if (thrown instanceof RegexError) return thrown.message;
    throw thrown;
  }
}

/** What `rules` of a relabel component evaluates to. Plain data. */
export interface RelabelRules {
  readonly capsule: 'relabel.Rules';
  readonly rules: readonly RelabelRule[];
}

const isRules = (value: unknown): value is RelabelRules =>
  typeof value === 'object' && value !== null && 'capsule' in value && value.capsule === 'relabel.Rules';

/** The export `rules`, and arguments that take it (`relabel_rules`). */
export const relabelRules: Type<RelabelRules> = type(
  'RelabelRules',
  (value) =>
    isRules(value)
      ? value
      : fault(
          'should be capsule("relabel.Rules")',
          'name the rules of a component, for example loki.relabel.default.rules',
        ),
  (rules) => rules,
);
