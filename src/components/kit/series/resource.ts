/** One resource entry of the output, and its rows by group. */
import { RowList } from './row-list.ts';

export class Resource {
  /** Its number, used again when it is gone. */
  readonly id: number;
  readonly key: string;
  /** Whole KeyValue fields as in a Resource message. */
  readonly attributes: Buffer;
  /** Ascending, never used again. */
  readonly serial: number;
  readonly lists: readonly RowList[];
  /** By group; -1 = none. */
  readonly overflow: number[];
  /** Time of its last observation, ms since the epoch. */
  lastMs = 0;
  /** It goes after the present flush, because others were used more recently. */
  leaving = false;
  /** Number of the flush that has last walked through all its rows. */
  flush = 0;
  /** Labels that its series have at `/metrics/derived`: name, value, name, value; null until somebody asks. */
  labels: readonly string[] | null = null;
  /** The job and instance that are its own there; null where another resource had them before it. */
  target: string | null = null;

  constructor(id: number, key: string, attributes: Buffer, serial: number, groups: number) {
    this.id = id;
    this.key = key;
    this.attributes = attributes;
    this.serial = serial;
    this.lists = Array.from({ length: groups }, () => new RowList());
    this.overflow = Array.from({ length: groups }, () => -1);
  }

  get rows(): number {
    return this.lists.reduce((sum, list) => sum + list.live, 0);
  }
}
