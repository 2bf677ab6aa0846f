/** A log record with what is around it, read once: the hints in it are looked at from several sides. */
import type { PlainMap, PlainValue } from '#codec/otlp/any-value.ts';

export interface Scope {
  readonly name: string;
  readonly version: string;
}

export interface LogRecord {
  /** Nanoseconds since the epoch; of the record, else when it was observed; 0 = neither is said. */
  readonly timeNs: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: PlainValue;
  /** Lower-case hex; '' = none. */
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly attributes: PlainMap;
  readonly resource: PlainMap;
  readonly scope: Scope;
}
