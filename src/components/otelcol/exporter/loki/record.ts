/** A log record with what is around it, read once: the hints in it are looked at from several sides. */
import type { Attributes, Value } from './value.ts';

export interface Scope {
  readonly name: string;
  readonly version: string;
}

export interface LogRecord {
  /** Nanoseconds since the epoch; of the record, else when it was observed; 0 = neither is said. */
  readonly timeNs: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: Value;
  /** Lower-case hex; '' = none. */
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly scope: Scope;
}
