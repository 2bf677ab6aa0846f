/**
 * Export*ServiceResponse of the three signals: one shape on the wire, only the JSON name of the count differs.
 *
 *     response   1 partial_success      partial success   1 int64 rejected_spans | _data_points | _log_records   2 string error_message
 */
import { LENGTH, VARINT } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { PARTIAL_SUCCESS, RESPONSE } from './fields.ts';

/** What a server did not take of a request that it accepted. `rejected` 0 with a message is a warning. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

const NOTHING: PartialSuccess = { rejected: 0, message: '' };
const REJECTED_NAMES = ['rejectedSpans', 'rejectedDataPoints', 'rejectedLogRecords'] as const;

/** The response to a fully accepted request, as JSON. In protobuf it is zero bytes. */
export const EMPTY_RESPONSE_JSON = '{"partialSuccess":{}}';

/** Throws {@link ProtobufError} for malformed bytes. */
export function decodeResponse(bytes: Buffer): PartialSuccess {
  const reader = new Reader().reset(bytes, 0, bytes.length);
  let result = NOTHING;
  while (reader.next())
    if (reader.field === RESPONSE.partialSuccess && reader.wire === LENGTH) result = decodePartial(reader.bytes());
  return result;
}

function decodePartial(bytes: Buffer): PartialSuccess {
  const reader = new Reader().reset(bytes, 0, bytes.length);
  let rejected = 0;
  let message = '';
  while (reader.next()) {
    if (reader.field === PARTIAL_SUCCESS.rejected && reader.wire === VARINT) rejected = Number(reader.int64());
    else if (reader.field === PARTIAL_SUCCESS.errorMessage && reader.wire === LENGTH) message = reader.string();
  }
  return { rejected, message };
}

/** Reads the JSON form; null when the text is no JSON object. Counts may be numbers or strings. */
export function responseFromJson(text: string): PartialSuccess | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const partial = (value as { readonly partialSuccess?: unknown }).partialSuccess;
  if (typeof partial !== 'object' || partial === null) return NOTHING;
  const members = partial as { readonly [name: string]: unknown };
  const rejected = Number(
    REJECTED_NAMES.map((name) => members[name]).find((count) => count !== undefined && count !== null) ?? 0,
  );
  const message = members['errorMessage'];
  return { rejected: Number.isFinite(rejected) ? rejected : 0, message: typeof message === 'string' ? message : '' };
}
