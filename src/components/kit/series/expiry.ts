/**
 * What goes, and when (semantics 13.5, 14.4). Generators that pause after a bounded number of rows: whoever runs them lets the
 * event loop have a turn at each pause. Parcels may be merged meanwhile; a flush may not run at the same time.
 */
import type { Resource } from './resource.ts';
import { RowCursor } from './row-list.ts';
import type { SeriesStore } from './store.ts';

/** Rows, and resources, looked at in one turn. */
export const ROWS_PER_TURN = 2000;

/** Says when a turn's work is done. */
class Pace {
  #work = 0;

  step(): boolean {
    this.#work = (this.#work + 1) % ROWS_PER_TURN;
    return this.#work === 0;
  }
}

/**
 * After a flush at `flushMs`. Delta: series that were exported go, and the time is remembered for the start of their next point.
 * Cumulative: what is old enough goes, and resources that others have displaced.
 */
export function* settleFlush(store: SeriesStore, flushMs: number): Generator<null> {
  if (store.plan.temporality === 'delta') yield* purge(store, flushMs);
  else {
    const pace = new Pace();
    for (const resource of store.resources()) {
      if (pace.step()) yield null;
      if (!resource.leaving) continue;
      resource.leaving = false;
      if (resource.flush === store.flush) yield* removeResource(store, resource, pace);
    }
    if (store.plan.expiryIntervalMs === 0) yield* expire(store, flushMs, true);
  }
  yield* compact(store);
}

/** Removes what has been idle for too long at `nowMs`. `flushed`: only what the last flush has exported. */
export function* expire(store: SeriesStore, nowMs: number, flushed: boolean): Generator<null> {
  const { resourceExpirationMs, seriesExpirationMs } = store.plan;
  if (resourceExpirationMs === 0 && seriesExpirationMs === 0) return;
  const pace = new Pace();
  for (const resource of store.resources()) {
    if (pace.step()) yield null;
    if (flushed && resource.flush !== store.flush) continue;
    if (resourceExpirationMs > 0 && nowMs - resource.lastMs >= resourceExpirationMs)
      yield* removeResource(store, resource, pace);
    else if (seriesExpirationMs > 0) yield* removeRows(store, resource, nowMs - seriesExpirationMs, pace);
  }
}

/** Gives back the memory of what has gone. */
export function* compact(store: SeriesStore): Generator<null> {
  for (const rows of store.groups) while (rows.compact()) yield null;
}

function* removeResource(store: SeriesStore, resource: Resource, pace: Pace): Generator<null> {
  store.detach(resource);
  yield* removeRows(store, resource, Infinity, pace);
}

/** Removes rows that were last counted at `untilMs` or before, and the resource if none is left. */
function* removeRows(store: SeriesStore, resource: Resource, untilMs: number, pace: Pace): Generator<null> {
  for (const [group, rows] of store.groups.entries()) {
    const list = resource.lists[group];
    const cursor = new RowCursor(list, Infinity);
    for (let row = cursor.next(); row >= 0; row = cursor.next()) {
      if (rows.lastMs(row) <= untilMs) rows.remove(row);
      if (pace.step()) yield null;
    }
    list.tidy();
  }
  drop(store, resource);
}

function* purge(store: SeriesStore, flushMs: number): Generator<null> {
  const pace = new Pace();
  for (const resource of store.resources()) {
    for (const [group, rows] of store.groups.entries()) {
      const list = resource.lists[group];
      const cursor = new RowCursor(list, Infinity);
      for (let row = cursor.next(); row >= 0; row = cursor.next()) {
        if (rows.shown(row) !== 0) store.timestamps.set(store.seriesName(rows, row), flushMs);
        // What was counted since it was exported belongs to the next flush.
        if (rows.counted(row) === 0) rows.remove(row);
        else if (rows.shown(row) !== 0) {
          rows.setStart(row, flushMs);
          rows.setShown(row, 0);
        }
        if (pace.step()) yield null;
      }
      list.tidy();
    }
    drop(store, resource);
    if (pace.step()) yield null;
  }
}

/** A resource without rows shows nothing. */
function drop(store: SeriesStore, resource: Resource): void {
  if (resource.rows > 0) return;
  store.detach(resource);
  store.release(resource);
}
