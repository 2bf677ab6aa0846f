/** Arguments of otelcol.processor.redaction. Rules: Collector contrib `processor/redactionprocessor`, grafana/alloy. */
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { patternProblem } from '#components/kit/blocks/match.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { Fault, fault } from '#config/schema/fault.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { type, type Type } from '#config/schema/type.ts';
import { bool, list, oneOf, secret, string } from '#config/schema/types.ts';

export const HASH_FUNCTIONS = ['sha1', 'sha3', 'md5', 'hmac-sha256', 'hmac-sha512'] as const;
/** The empty text: values are masked. */
export type HashFunction = (typeof HASH_FUNCTIONS)[number] | '';

/** In letters of either case. */
const hashFunction: Type<HashFunction> = {
  ...type<HashFunction>(
    'string',
    (value) => {
      const text = string.decode(value);
      if (text instanceof Fault) return text;
      const known = HASH_FUNCTIONS.find((name) => name === text.toLowerCase());
      if (known !== undefined || text === '') return known ?? '';
      return fault(`should be one of ${HASH_FUNCTIONS.map((name) => `"${name}"`).join(', ')}`);
    },
    (name) => name,
  ),
  words: ['', ...HASH_FUNCTIONS],
};

/** Shortest keys, in bytes. */
const KEY_BYTES: Partial<Record<HashFunction, number>> = { 'hmac-sha256': 32, 'hmac-sha512': 64 };

const enabled = (doc: string) => attr(bool, { default: false, doc: `${doc} Not available: \`true\` is refused.` });
const spanName = attr(bool, {
  default: true,
  otelcol: { emptyIsSet: true },
  doc: 'Whether names of spans are rewritten, too.',
});

const urlSanitizerBody = body(
  {
    enabled: enabled('Whether URLs are rewritten.'),
    attributes: attr(list(string), { default: [], doc: 'Attributes that hold URLs.' }),
    sanitize_span_name: spanName,
  },
  (a, error) => {
    if (a.enabled) error('enabled', 'URLs cannot be rewritten here: mask what they hold by blocked_values');
  },
);

const databaseBody = body(
  {
    enabled: enabled('Whether queries are rewritten.'),
    attributes: attr(list(string), { default: [], doc: 'Attributes that hold queries.' }),
  },
  (a, error) => {
    if (a.enabled)
      error(
        'enabled',
        'queries cannot be rewritten here: mask what they hold by blocked_values or blocked_key_patterns',
      );
  },
);
const database = (what: string) => block(databaseBody, { doc: `Queries of ${what}.` });

const dbSanitizerBody = body({
  sanitize_span_name: spanName,
  sql: database('SQL databases'),
  redis: database('Redis'),
  valkey: database('Valkey'),
  memcached: database('Memcached'),
  mongo: database('MongoDB'),
  opensearch: database('OpenSearch'),
  es: database('Elasticsearch'),
});

const texts = (doc: string) => attr(list(string), { default: [], doc });

export const args = body(
  {
    allow_all_keys: attr(bool, { default: false, doc: 'Whether all keys are allowed, whatever `allowed_keys` says.' }),
    allowed_keys: texts('Keys of attributes that are kept; all others are removed.'),
    ignored_keys: texts('Keys of attributes that pass as they are.'),
    blocked_key_patterns: texts('RE2 expressions: attributes whose key one of them matches have their value masked.'),
    ignored_key_patterns: texts('RE2 expressions: attributes whose key one of them matches pass as they are.'),
    allowed_values: texts(
      'RE2 expressions: values that one of them matches pass as they are, though they are blocked.',
    ),
    blocked_values: texts('RE2 expressions: what they match in values is masked.'),
    hash_function: attr(hashFunction, {
      default: '',
      doc: 'What is put in the place of what is masked: its hash; without a function, `****`.',
    }),
    hmac_key: attr(secret, {
      doc: 'Key of `hmac-sha256`, at least 32 bytes, or `hmac-sha512`, at least 64 bytes.',
    }),
    redact_all_types: attr(bool, {
      default: false,
      doc: 'Whether values that are no strings are looked at as text, too.',
    }),
    summary: attr(oneOf('', 'silent', 'info', 'debug'), {
      default: '',
      doc: 'Attributes that tell what was done: how many (`info`), also the keys (`debug`), or none.',
    }),
    url_sanitizer: block(urlSanitizerBody, { optional: true, doc: 'How URLs are rewritten. Not available.' }),
    db_sanitizer: block(dbSanitizerBody, { optional: true, doc: 'How queries are rewritten. Not available.' }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    for (const key of ['blocked_key_patterns', 'ignored_key_patterns', 'allowed_values', 'blocked_values'] as const)
      for (const pattern of a[key]) {
        const wrong = patternProblem(pattern);
        if (wrong !== null) error(key, wrong);
      }
    const least = KEY_BYTES[a.hash_function];
    if (least !== undefined && Buffer.byteLength(a.hmac_key?.secret ?? '') < least)
      error('hmac_key', `hmac_key must be at least ${least} bytes long for hash_function "${a.hash_function}"`);
  },
);
export type Args = Infer<typeof args>;
