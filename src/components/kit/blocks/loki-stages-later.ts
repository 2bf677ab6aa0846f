/**
 * Stages of `loki.process` that are not available yet, with the arguments that Alloy gives them: a configuration that has one is
 * understood, and told so where it stands.
 */
import { attr, block, body, type BodySchema, type Shape } from '#config/schema/schema.ts';
import { type } from '#config/schema/type.ts';
import { bool, duration, int, int64, list, map, number, oneOf, size, string } from '#config/schema/types.ts';

/** Go's float64, as the reference of these stages calls it. */
const float = type(
  'float',
  (value) => number.decode(value),
  (value) => number.encode(value),
);

/** No argument is to blame: a key that was not written puts the message at the block's name. */
const NOWHERE: never = '' as never;

function later<const S extends Shape>(name: string, shape: S): BodySchema<S> {
  return body(shape, (_args, error) => error(NOWHERE, `${name} is not available yet`));
}

const metricArguments = {
  name: attr(string, { required: true, doc: 'Name of the metric.' }),
  description: attr(string, { default: '', doc: 'Help text of the metric.' }),
  max_idle_duration: attr(duration, { default: 300_000, doc: 'Time after which an unused series goes.' }),
  prefix: attr(string, { default: 'loki_process_custom_', doc: "What the metric's name begins with." }),
  source: attr(string, { default: '', doc: 'Name in the extracted data; the name of the metric when not set.' }),
  value: attr(string, { default: '', doc: 'Only this value counts.' }),
} as const;

const counterBody = body({
  ...metricArguments,
  action: attr(oneOf('inc', 'add'), { required: true, doc: 'What is done with the metric.' }),
  count_entry_bytes: attr(bool, { default: false, doc: 'Count the bytes of the line.' }),
  match_all: attr(bool, { default: false, doc: 'Count every line.' }),
});
const gaugeBody = body({
  ...metricArguments,
  action: attr(oneOf('inc', 'dec', 'set', 'add', 'sub'), { required: true, doc: 'What is done with the metric.' }),
});
const histogramBody = body({
  ...metricArguments,
  buckets: attr(list(float), { required: true, doc: 'Upper bounds of the buckets.' }),
});
const truncateRule = body({
  limit: attr(size, { required: true, doc: 'Longest size.' }),
  sources: attr(list(string), { default: [], doc: 'Names of what is cut.' }),
  source_type: attr(oneOf('line', 'label', 'structured_metadata', 'extracted'), {
    default: 'line',
    doc: 'What is cut.',
  }),
  suffix: attr(string, { doc: 'What is put behind what was cut.' }),
});

const eventArguments = {
  source: attr(string, { default: 'message', doc: 'Name of the message in the extracted data.' }),
  drop_invalid_labels: attr(bool, { default: false, doc: 'Drop fields whose names are no label names.' }),
  overwrite_existing: attr(bool, { default: false, doc: 'Overwrite what was extracted before.' }),
} as const;

const many = { many: true } as const;

export const laterStages = {
  'stage.cri': block(
    later('stage.cri', {
      max_partial_lines: attr(int, { default: 100, doc: 'Most partial lines.' }),
      max_partial_line_size: attr(int64, { default: 0, doc: 'Longest partial line; 0 means no limit.' }),
      max_partial_line_size_truncate: attr(bool, { default: false, doc: 'Cut partial lines that are longer.' }),
    }),
    { ...many, doc: 'Reads lines of the CRI format. Not available yet.' },
  ),
  'stage.docker': block(later('stage.docker', {}), { ...many, doc: 'Reads lines of Docker. Not available yet.' }),
  'stage.eventlogmessage': block(later('stage.eventlogmessage', eventArguments), {
    ...many,
    doc: 'Reads messages of the Windows event log. Not available yet.',
  }),
  'stage.geoip': block(
    later('stage.geoip', {
      db: attr(string, { required: true, doc: 'Path of the database.' }),
      source: attr(string, { required: true, doc: 'Name of the address in the extracted data.' }),
      db_type: attr(oneOf('city', 'asn', 'country'), { doc: 'Kind of database.' }),
      custom_lookups: attr(map(string), { doc: 'Names with expressions for the database.' }),
    }),
    { ...many, doc: 'Looks addresses up. Not available yet.' },
  ),
  'stage.limit': block(
    later('stage.limit', {
      rate: attr(number, { required: true, doc: 'Lines a second.' }),
      burst: attr(int, { required: true, doc: 'Most lines at once.' }),
      by_label_name: attr(string, { default: '', doc: 'Label whose values have limits of their own.' }),
      drop: attr(bool, { default: false, doc: 'Drop lines beyond the limit.' }),
      max_distinct_labels: attr(int, { default: 10_000, doc: 'Most values of the label.' }),
    }),
    { ...many, doc: 'Limits the rate of lines. Not available yet.' },
  ),
  'stage.luhn': block(
    later('stage.luhn', {
      replacement: attr(string, { default: '**REDACTED**', doc: 'What stands for the number.' }),
      source: attr(string, { doc: 'Name in the extracted data; the line when not set.' }),
      min_length: attr(int, { default: 13, doc: 'Shortest number.' }),
      delimiters: attr(string, { default: '', doc: 'What may stand between digits.' }),
      skip_regex: attr(string, { default: '', doc: 'What is left alone.' }),
    }),
    { ...many, doc: 'Hides card numbers. Not available yet.' },
  ),
  'stage.metrics': block(
    later('stage.metrics', {
      'metric.counter': block(counterBody, { ...many, doc: 'A counter.' }),
      'metric.gauge': block(gaugeBody, { ...many, doc: 'A gauge.' }),
      'metric.histogram': block(histogramBody, { ...many, doc: 'A histogram.' }),
    }),
    { ...many, doc: 'Makes metrics of lines. Not available yet.' },
  ),
  'stage.multiline': block(
    later('stage.multiline', {
      firstline: attr(string, { required: true, doc: 'Expression of a first line.' }),
      max_lines: attr(int64, { default: 128, doc: 'Most lines of one entry.' }),
      max_wait_time: attr(duration, { default: 3000, doc: 'Longest wait for further lines.' }),
      trim_newlines: attr(bool, { default: true, doc: 'Take newlines off.' }),
    }),
    { ...many, doc: 'Joins lines. Not available yet.' },
  ),
  'stage.pack': block(
    later('stage.pack', {
      labels: attr(list(string), { required: true, doc: 'Labels that are packed into the line.' }),
      ingest_timestamp: attr(bool, { default: true, doc: 'Take the present time.' }),
    }),
    { ...many, doc: 'Packs labels into the line. Not available yet.' },
  ),
  'stage.pattern': block(
    later('stage.pattern', {
      pattern: attr(string, { required: true, doc: 'Pattern of LogQL.' }),
      source: attr(string, { doc: 'Name in the extracted data; the line when not set.' }),
      labels_from_groups: attr(bool, { default: false, doc: 'Make labels of what was found.' }),
    }),
    { ...many, doc: 'Reads lines by a pattern. Not available yet.' },
  ),
  'stage.sampling': block(
    later('stage.sampling', {
      rate: attr(float, { required: true, doc: 'Part of the lines that stays.' }),
      drop_counter_reason: attr(string, { default: 'sampling_stage', doc: 'Reason for the counter.' }),
    }),
    { ...many, doc: 'Keeps a part of the lines. Not available yet.' },
  ),
  'stage.split_json': block(
    later('stage.split_json', {
      source: attr(string, { doc: 'Name in the extracted data; the line when not set.' }),
    }),
    { ...many, doc: 'Makes an entry of each element of a JSON list. Not available yet.' },
  ),
  'stage.truncate': block(
    later('stage.truncate', { rule: block(truncateRule, { many: true, required: true, doc: 'What is cut.' }) }),
    { ...many, doc: 'Cuts what is too long. Not available yet.' },
  ),
  'stage.windowsevent': block(later('stage.windowsevent', eventArguments), {
    ...many,
    doc: 'Reads messages of Windows events. Not available yet.',
  }),
} as const;
