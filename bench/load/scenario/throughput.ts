/**
 * What a span costs: payload x protocol x compression, as fast as answers come. Names are PAYLOAD-PROTOCOL-COMPRESSION-RATE;
 * parts that are as in `default` (shop payload of 512 spans, gRPC, none, closed loop) are left out.
 */
import type { Compression, Protocol } from '../messages.ts';
import type { EditName } from '../system/system.ts';
import { scenario, type Scenario } from './scenario.ts';

const PROTOCOLS: readonly Protocol[] = ['grpc', 'http'];
const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'zstd'];

interface Family {
  /** First part of the names; '' for none. */
  readonly name: string;
  readonly about: string;
  readonly values: Partial<Scenario>;
  readonly compressions: readonly Compression[];
  /** Open-loop variants beside the closed loop. */
  readonly rates: readonly number[];
}

const FAMILIES: readonly Family[] = [
  { name: '', about: '512 spans a request', values: {}, compressions: COMPRESSIONS, rates: [] },
  { name: 'small', about: '20 spans a request', values: { spans: 20 }, compressions: ['none', 'gzip'], rates: [] },
  { name: 'single', about: '1 span a request', values: { spans: 1 }, compressions: ['none'], rates: [] },
  {
    name: 'semconv',
    about: '1000 spans of 810 bytes a request (otel-arrow)',
    values: { payload: 'semconv', spans: 1000 },
    compressions: COMPRESSIONS,
    rates: [100_000],
  },
  {
    name: 'attributes',
    about: '100 spans of 20 attributes a request',
    values: { payload: 'attributes', spans: 100 },
    compressions: ['none'],
    rates: [],
  },
];

function familyScenarios({ name, about, values, compressions, rates }: Family): Scenario[] {
  const out: Scenario[] = [];
  for (const rate of [0, ...rates]) {
    for (const protocol of PROTOCOLS) {
      for (const compression of compressions) {
        const parts = [
          name,
          protocol === 'grpc' ? '' : protocol,
          compression === 'none' ? '' : compression,
          rate === 0 ? '' : rateName(rate),
        ].filter((part) => part !== '');
        const how = [
          protocol === 'grpc' ? 'gRPC' : 'HTTP',
          ...(compression === 'none' ? [] : [`${compression} in and out`]),
          ...(rate === 0 ? [] : [`${rate.toLocaleString('en')} spans/s`]),
        ];
        out.push(
          scenario(parts.join('-') || 'default', `${about}, ${how.join(', ')}`, {
            ...values,
            protocol,
            compressionIn: compression,
            compressionOut: compression,
            rate,
          }),
        );
      }
    }
  }
  return out;
}

const rateName = (rate: number): string => (rate >= 1e6 ? `${rate / 1e6}m` : `${rate / 1000}k`);

const DERIVING: readonly Scenario[] = [
  scenario('derive', '512 spans a request, gRPC, with span metrics and a service graph', {
    derive: true,
    systems: ['millrace', 'plain', 'naive'],
  }),
];

const EDITING: readonly Scenario[] = [
  ['attributes', 'five inserts of otelcol.processor.attributes'],
  ['transform', 'three statements of otelcol.processor.transform'],
  ['filter', 'one condition of otelcol.processor.filter'],
].map(([edit, what]) =>
  scenario(`edit-${edit}`, `512 spans a request, gRPC, with ${what}`, {
    edit: edit as EditName,
    systems: ['millrace', 'plain'],
  }),
);

export const THROUGHPUT: readonly Scenario[] = [...FAMILIES.flatMap(familyScenarios), ...DERIVING, ...EDITING];
