/**
 * Counts finished edges into a `SeriesTable`. Edges that look alike find their row by small numbers; key and attributes are
 * only made for the first of them after a harvest.
 *
 *     key          u8 connection type, failed and virtual node, then the fields of both texts in turn:
 *                  u16 length, little-endian (0xffff = absent), UTF-8 bytes
 *     attributes   client, server, connection_type, failed, dimensions as client_ and server_, virtual_node
 */
import { wordsHash } from '#codec/key-hash.ts';
import { AttributeWriter } from '#components/kit/series/attributes.ts';
import type { SeriesTable } from '#components/kit/series/table.ts';
import { CLIENT_LATENCY, EDGES, FAILED, REQUESTS, SERVER_LATENCY } from './plan.ts';
import type { Texts } from './texts.ts';

/** Connection types. */
export const PLAIN = 0;
export const MESSAGING = 1;
export const DATABASE = 2;
export const VIRTUAL = 3;
const CONNECTION_TYPES = ['', 'messaging_system', 'database', 'virtual_node'];

/** Which side of a virtual edge has sent no span. */
export const NEITHER = 0;
export const CLIENT_SIDE = 1;
export const SERVER_SIDE = 2;
const VIRTUAL_NODES = ['', 'client', 'server'];

/** Columns of the look-up: texts of client and server, kind of the edge, row + 1 (0 = free). */
const COLUMNS = 4;
const FIRST_PLACES = 256;
/** Most places; half of them are used. Then all are forgotten and found anew. */
const MAX_PLACES = 131_072;
/** Memory of a key that was larger is given back. */
const KEPT_BYTES = 64 * 1024;

const NO_BYTES = Buffer.alloc(0);

export class EdgeSeries {
  readonly #table: SeriesTable;
  readonly #attributes = new AttributeWriter();
  #key: Buffer = Buffer.alloc(1024);
  #dimensions: readonly { readonly client: string; readonly server: string }[] = [];
  #extraLabel = false;
  #places = new Int32Array(FIRST_PLACES * COLUMNS);
  #used = 0;
  /** Rows are those of this epoch of the table. */
  #epoch = -1;
  #resource = -1;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  configure(dimensions: readonly string[], extraLabel: boolean): void {
    this.#dimensions = dimensions.map((name) => ({ client: `client_${name}`, server: `server_${name}` }));
    this.#extraLabel = extraLabel;
    this.forget();
  }

  /** Numbers of texts mean something else from now on. */
  forget(): void {
    if (this.#used > 0) this.#places.fill(0);
    this.#used = 0;
  }

  /** Counts one request. `client` and `server` are texts of `texts`; latencies in seconds. */
  count(
    texts: Texts,
    client: number,
    server: number,
    connection: number,
    failed: number,
    virtualNode: number,
    clientLatency: number,
    serverLatency: number,
  ): void {
    const table = this.#table;
    if (table.epoch !== this.#epoch) this.#begin();
    const kind = connection | (failed << 2) | (this.#extraLabel ? virtualNode << 3 : 0);
    const row = this.#row(texts, client, server, kind);
    table.add(EDGES, row, REQUESTS, 1);
    if (failed !== 0) table.add(EDGES, row, FAILED, 1);
    table.observe(EDGES, row, SERVER_LATENCY, serverLatency, 1);
    table.observe(EDGES, row, CLIENT_LATENCY, clientLatency, 1);
  }

  #begin(): void {
    this.forget();
    this.#epoch = this.#table.epoch;
    this.#resource = this.#table.resource(NO_BYTES, 0, 0, NO_BYTES, 0, 0);
  }

  #row(texts: Texts, client: number, server: number, kind: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    let at = (hashOf(client, server, kind) * COLUMNS) & mask;
    while (places[at + 3] !== 0) {
      if (places[at] === client && places[at + 1] === server && places[at + 2] === kind) return places[at + 3] - 1;
      at = (at + COLUMNS) & mask;
    }
    const row = this.#make(texts, client, server, kind);
    places[at] = client;
    places[at + 1] = server;
    places[at + 2] = kind;
    places[at + 3] = row + 1;
    if (++this.#used * 2 > places.length / COLUMNS) this.#grow();
    return row;
  }

  #grow(): void {
    const old = this.#places;
    if (old.length >= MAX_PLACES * COLUMNS) return this.forget();
    const places = new Int32Array(old.length * 2);
    const mask = places.length - 1;
    for (let from = 0; from < old.length; from += COLUMNS) {
      if (old[from + 3] === 0) continue;
      let at = (hashOf(old[from], old[from + 1], old[from + 2]) * COLUMNS) & mask;
      while (places[at + 3] !== 0) at = (at + COLUMNS) & mask;
      for (let column = 0; column < COLUMNS; column++) places[at + column] = old[from + column];
    }
    this.#places = places;
  }

  #make(texts: Texts, client: number, server: number, kind: number): number {
    const attributes = this.#attributes.reset();
    if (this.#key.length > KEPT_BYTES) this.#key = Buffer.alloc(1024);
    this.#key[0] = kind;
    let length = 1;
    const clientName = texts.string(client, 0) ?? '';
    const serverName = texts.string(server, 0) ?? '';
    length = this.#append(length, clientName);
    length = this.#append(length, serverName);
    attributes.string('client', clientName);
    attributes.string('server', serverName);
    attributes.string('connection_type', CONNECTION_TYPES[kind & 3]);
    attributes.bool('failed', (kind & 4) !== 0);
    for (let i = 0; i < this.#dimensions.length; i++) {
      const names = this.#dimensions[i];
      const ofClient = texts.string(client, i + 1);
      const ofServer = texts.string(server, i + 1);
      if (ofClient !== undefined) attributes.string(names.client, ofClient);
      if (ofServer !== undefined) attributes.string(names.server, ofServer);
      length = this.#append(length, ofClient);
      length = this.#append(length, ofServer);
    }
    if (this.#extraLabel) attributes.string('virtual_node', VIRTUAL_NODES[kind >> 3]);
    const table = this.#table;
    const key = this.#key;
    // Another text may have given the same one once it was made valid UTF-8, or what was found here has been forgotten.
    const row = table.find(EDGES, this.#resource, key, 0, length);
    if (row >= 0) return row;
    return table.make(EDGES, this.#resource, key, 0, length, attributes.buf, 0, attributes.length);
  }

  #append(at: number, text: string | undefined): number {
    const bytes = text === undefined ? 0 : Buffer.byteLength(text);
    if (at + 2 + bytes > this.#key.length) {
      const grown = Buffer.alloc((at + 2 + bytes) * 2);
      this.#key.copy(grown, 0, 0, at);
      this.#key = grown;
    }
    this.#key.writeUInt16LE(text === undefined ? 0xffff : bytes, at);
    if (text !== undefined) this.#key.write(text, at + 2);
    return at + 2 + bytes;
  }
}

const words = new Int32Array(3);

/** A part of the hash that can be multiplied by the columns of a place. */
function hashOf(client: number, server: number, kind: number): number {
  words[0] = client;
  words[1] = server;
  words[2] = kind;
  return wordsHash(words, words.length, 0) & 0xff_ffff;
}
