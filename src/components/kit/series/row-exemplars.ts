/** The exemplars of a row's instrument, read out: those since the last flush, or as long as there are none the last ones exported. */
import type { StoredInstrument } from './stored-layout.ts';
import { EXEMPLAR_ENTRY, EXEMPLARS_HEAD, type StoredRows } from './stored-rows.ts';

export interface RowExemplar {
  readonly value: number;
  /** Hex. */
  readonly traceId: string;
  readonly spanId: string;
  /** About when it was observed: when its row last was. Since the epoch. */
  readonly seconds: number;
}

const NONE: readonly RowExemplar[] = [];

export function rowExemplars(rows: StoredRows, row: number, layout: StoredInstrument): readonly RowExemplar[] {
  const block = layout.exemplars < 0 ? 0 : rows.block(row, layout.exemplars);
  if (block === 0) return NONE;
  const { arena } = rows;
  const start = arena.start(block);
  const bytes = arena.bytes(block);
  const seconds = rows.lastMs(row) / 1000;
  return Array.from({ length: arena.words(block)[start * 2] }, (_, i) => {
    const at = start * 8 + EXEMPLARS_HEAD + i * EXEMPLAR_ENTRY;
    return {
      value: bytes.readDoubleLE(at),
      traceId: bytes.toString('hex', at + 8, at + 24),
      spanId: bytes.toString('hex', at + 24, at + 32),
      seconds,
    };
  });
}
