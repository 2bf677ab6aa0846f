/**
 * Walks the spans of an ExportTraceServiceRequest. It shares no code with `src/codec` on purpose: it judges what the
 * collector wrote.
 *
 * Field map (opentelemetry-proto, trace/v1): request 1 = ResourceSpans; ResourceSpans 1 = resource, 2 = ScopeSpans;
 * ScopeSpans 1 = scope, 2 = span; Span 1 = trace_id (16 bytes), 2 = span_id (8 bytes).
 */
const TAG_1 = 10; // field 1, length-delimited
const TAG_2 = 18; // field 2, length-delimited

export class SpanCursor {
  /** Byte ranges of the present span and of the resource and scope it stands under (their content); valid after `next()` gave true. */
  spanStart = 0;
  spanEnd = 0;
  resourceStart = 0;
  resourceEnd = 0;
  scopeStart = 0;
  scopeEnd = 0;
  /** Offset of the 8 bytes of the present span's span_id. */
  spanIdAt = 0;

  #bytes: Buffer = Buffer.alloc(0);
  #pos = 0;
  #end = 0;
  #resourceSpansEnd = 0;
  #scopeSpansEnd = 0;

  reset(bytes: Buffer, start: number, end: number): this {
    this.#bytes = bytes;
    this.#pos = start;
    this.#end = end;
    this.#resourceSpansEnd = start;
    this.#scopeSpansEnd = start;
    return this;
  }

  /** Moves to the next span; false after the last. Throws if the message is not well formed or a span has no proper span_id. */
  next(): boolean {
    for (;;) {
      if (this.#pos < this.#scopeSpansEnd) {
        const tag = this.#field(this.#scopeSpansEnd);
        if (tag === TAG_2) {
          this.spanStart = this.#pos;
          this.spanEnd = this.#valueEnd;
          this.#pos = this.#valueEnd;
          this.#findSpanId();
          return true;
        }
        this.#pos = this.#valueEnd;
      } else if (this.#pos < this.#resourceSpansEnd) {
        const tag = this.#field(this.#resourceSpansEnd);
        if (tag === TAG_2) {
          this.#scopeSpansEnd = this.#valueEnd;
          this.#findHeader(this.#scopeSpansEnd);
          this.scopeStart = this.#headerStart;
          this.scopeEnd = this.#headerEnd;
        } else this.#pos = this.#valueEnd;
      } else if (this.#pos < this.#end) {
        if (this.#field(this.#end) === TAG_1) {
          this.#resourceSpansEnd = this.#valueEnd;
          this.#scopeSpansEnd = this.#pos;
          this.#findHeader(this.#resourceSpansEnd);
          this.resourceStart = this.#headerStart;
          this.resourceEnd = this.#headerEnd;
        } else this.#pos = this.#valueEnd;
      } else return false;
    }
  }

  #valueEnd = 0;
  #headerStart = 0;
  #headerEnd = 0;

  /** Field 1 of the message that begins here: usually the first, but some encoders write fields backwards. Empty if absent. */
  #findHeader(end: number): void {
    const resume = this.#pos;
    this.#headerStart = this.#headerEnd = resume;
    while (this.#pos < end) {
      const tag = this.#field(end);
      if (tag === TAG_1) {
        this.#headerStart = this.#pos;
        this.#headerEnd = this.#valueEnd;
        break;
      }
      this.#pos = this.#valueEnd;
    }
    this.#pos = resume;
  }

  /** Reads tag and length of a field; every field of these three messages is length-delimited. */
  #field(limit: number): number {
    const tag = this.#varint(limit);
    if ((tag & 7) !== 2) throw new Error(`not a length-delimited field at byte ${this.#pos}`);
    const length = this.#varint(limit);
    this.#valueEnd = this.#pos + length;
    if (this.#valueEnd > limit) throw new Error(`a field runs over the end of its message at byte ${this.#pos}`);
    return tag;
  }

  #varint(limit: number): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.#pos >= limit) break;
      const byte = this.#bytes[this.#pos++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Error(`not a 32-bit varint at byte ${this.#pos}`);
  }

  /** Senders write fields in order, so this ends at the second field of nearly every span. */
  #findSpanId(): void {
    const resume = this.#pos;
    this.#pos = this.spanStart;
    while (this.#pos < this.spanEnd) {
      const tag = this.#varint(this.spanEnd);
      switch (tag & 7) {
        case 0:
          this.#skipVarint();
          continue;
        case 1:
          this.#pos += 8;
          continue;
        case 5:
          this.#pos += 4;
          continue;
        case 2: {
          const length = this.#varint(this.spanEnd);
          if (tag === TAG_2) {
            if (length !== 8) throw new Error(`a span_id of ${length} bytes`);
            this.spanIdAt = this.#pos;
            this.#pos = resume;
            return;
          }
          this.#pos += length;
          continue;
        }
        default:
          throw new Error(`wire type ${tag & 7} in a span at byte ${this.#pos}`);
      }
    }
    throw new Error(`a span without span_id at byte ${this.spanStart}`);
  }

  #skipVarint(): void {
    while (this.#pos < this.spanEnd && this.#bytes[this.#pos++] >= 0x80);
  }
}
