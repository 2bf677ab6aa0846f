import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GONE, RemotePart, type Site } from '#main/supervisor/remote-part.ts';
import type { BoundAddress, PartOrder } from '#shared/control.ts';
import { MillraceError } from '#shared/errors.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

/** A thread that writes down what it is told, and fails on demand. */
class FakeSite implements Site {
  readonly name: string;
  readonly events: string[];
  readonly orders: PartOrder[] = [];
  /** What becomes of the next orders; done when empty. */
  readonly script: (Error | null)[] = [];
  bound: readonly BoundAddress[] = [];

  constructor(name: string, events: string[]) {
    this.name = name;
    this.events = events;
  }

  async order(_nodeId: string, order: PartOrder): Promise<readonly BoundAddress[]> {
    this.orders.push(order);
    this.events.push(`${this.name} ${order.do} ${order.do === 'stop' ? order.deadlineMs : String(order.args)}`);
    await Promise.resolve();
    const failure = this.script.shift() ?? null;
    if (failure !== null) throw failure;
    return this.bound;
  }
}

const taken = new MillraceError('address_in_use', 'r cannot listen on :1: the address is in use');
const died = new MillraceError(GONE, 'an ingest thread ended: a bug');
const http: BoundAddress = { listener: 'http', where: '127.0.0.1:0', host: '127.0.0.1', port: 4711 };

function sites(count: number): { sites: FakeSite[]; events: string[]; part: RemotePart; clock: FakeClock } {
  const events: string[] = [];
  const all = Array.from({ length: count }, (_, i) => new FakeSite(String(i), events));
  const clock = new FakeClock();
  return { sites: all, events, part: new RemotePart('r', 'x.y', 'A', () => all, clock), clock };
}

test('start, update and stop go to all threads, the first ahead of the others', async () => {
  const { part, events, sites: all } = sites(3);
  await part.start();
  await part.update('B');
  await part.stop(500);
  assert.deepEqual(events, [
    '0 start A',
    '1 start A',
    '2 start A',
    '0 update B',
    '1 update B',
    '2 update B',
    '0 stop 500',
    '1 stop 500',
    '2 stop 500',
  ]);
  assert.deepEqual(
    all.map((site) => site.orders.map((o) => ('quiet' in o ? o.quiet : ''))),
    [
      [false, false, ''],
      [true, true, ''],
      [true, true, ''],
    ],
    'only the first one speaks',
  );
});

test('the others are told what the first has bound', async () => {
  const { part, sites: all } = sites(2);
  for (const site of all) site.bound = [http];
  await part.start();
  const known = (site: FakeSite, order: number): unknown => {
    const told = site.orders[order];
    return told !== undefined && 'known' in told ? told.known : null;
  };
  assert.deepEqual(known(all[0], 0), []);
  assert.deepEqual(known(all[1], 0), [{ ...http, held: true }]);
  await part.update('B');
  assert.deepEqual(known(all[0], 1), [{ ...http, held: true }], 'the other thread listens there');
});

test('an address outlives the last thread that held it, but has to be free', async () => {
  const { part, sites: all } = sites(1);
  all[0].bound = [http];
  await part.start();
  part.forget(all[0]);
  const successor = new FakeSite('1', []);
  await part.resumeIn(successor);
  assert.deepEqual(successor.orders, [
    { do: 'start', component: 'x.y', args: 'A', known: [{ ...http, held: false }], quiet: true },
  ]);
});

test('an address that cannot be bound is found out by the first, and the error is its own', async () => {
  const { part, events, sites: all } = sites(3);
  all[0].script.push(taken);
  await assert.rejects(part.start(), taken);
  assert.deepEqual(events, ['0 start A']);
  assert.equal(part.running, false);
});

test('a thread that cannot start: those that did are stopped again', async () => {
  const { part, events, sites: all } = sites(3);
  all[1].script.push(taken);
  await assert.rejects(part.start(), taken);
  assert.deepEqual(events, ['0 start A', '1 start A', '2 start A', '0 stop 0', '2 stop 0']);
  // Nothing is left to stop.
  await part.stop(1);
  assert.equal(events.length, 5);
});

test('a thread that cannot update: those that did go back', async () => {
  const { part, events, sites: all } = sites(3);
  await part.start();
  events.length = 0;
  all[2].script.push(taken);
  await assert.rejects(part.update('B'), taken);
  assert.deepEqual(events, ['0 update B', '1 update B', '2 update B', '0 update A', '1 update A']);
  const successor = new FakeSite('3', events);
  await part.resumeIn(successor);
  assert.equal(events.at(-1), '3 start A');
});

test('a thread that dies during start is a failure', async () => {
  const { part, events, sites: all } = sites(2);
  all[1].script.push(died);
  await assert.rejects(part.start(), died);
  assert.deepEqual(events, ['0 start A', '1 start A', '0 stop 0']);
});

test('a thread that dies during an update is none: its successor starts with the new arguments', async () => {
  for (const dying of [0, 1]) {
    const { part, events, sites: all } = sites(2);
    await part.start();
    all[dying].script.push(died);
    await part.update('B');
    const successor = new FakeSite('2', events);
    await part.resumeIn(successor);
    assert.equal(events.at(-1), '2 start B');
    await part.stop(9);
    assert.deepEqual(events.slice(-2).sort(), [`${1 - dying} stop 9`, '2 stop 9']);
  }
});

test('no thread at all: start and update say so, and what is in force stays', async () => {
  const none = new RemotePart('r', 'x.y', 'A', () => [], new FakeClock());
  await assert.rejects(none.start(), { code: GONE });
  const { part, events, sites: all } = sites(1);
  await part.start();
  all[0].script.push(died);
  await assert.rejects(part.update('B'), { code: GONE });
  const successor = new FakeSite('1', events);
  await part.resumeIn(successor);
  assert.equal(events.at(-1), '1 start A');
});

test('a thread that comes back while a part starts or stops gets it once, or not at all', async () => {
  const { part, events, sites: all } = sites(1);
  const late = new FakeSite('1', events);
  const starting = part.start();
  const resuming = part.resumeIn(late);
  await Promise.all([starting, resuming]);
  assert.deepEqual(events, ['0 start A', '1 start A']);
  await part.resumeIn(all[0]);
  assert.equal(events.length, 2, 'it runs there already');
  const stopping = part.stop(1);
  const tooLate = part.resumeIn(new FakeSite('2', events));
  await Promise.all([stopping, tooLate]);
  assert.deepEqual(events.slice(2), ['0 stop 1', '1 stop 1']);
});

test('stop does not mind threads that are gone, and tells what another could not do', async () => {
  const { part, sites: all } = sites(3);
  await part.start();
  all[0].script.push(died);
  all[1].script.push(new MillraceError('x', 'would not stop'));
  await assert.rejects(part.stop(1), /would not stop/);
});

test('stop does not wait for a thread that is stuck longer than for one that keeps the deadline', async () => {
  const { part, sites: all, clock } = sites(2);
  await part.start();
  all[1].order = () => new Promise(() => {});
  const stopped = assert.rejects(part.stop(2000), { code: 'ingest_stuck' });
  await clock.advance(2500);
  await stopped;
  assert.equal(clock.pending, 0);
});

test('addresses are given up in all threads, and what is bound then is what they say', async () => {
  const { part, events, sites: all } = sites(2);
  for (const site of all) site.bound = [http];
  await part.start();
  for (const site of all) site.bound = [];
  await part.vacate('B');
  assert.deepEqual(events.slice(2), ['0 vacate B', '1 vacate B']);
  await part.update('B');
  const told = all[0].orders.at(-1);
  assert.deepEqual(told !== undefined && 'known' in told ? told.known : null, [{ ...http, held: false }]);
});

test('an order that a stuck thread does not answer fails in bounded time, and is taken back in turn', async () => {
  const { part, events, sites: all, clock } = sites(2);
  await part.start();
  events.length = 0;
  const answer = Promise.withResolvers<readonly BoundAddress[]>();
  const { order } = all[1];
  all[1].order = (nodeId, given) => {
    void order.call(all[1], nodeId, given);
    return answer.promise;
  };
  const updated = assert.rejects(part.update('B'), { code: 'ingest_stuck' });
  await clock.advance(30_000);
  await updated;
  assert.deepEqual(events, ['0 update B', '1 update B', '1 update A', '0 update A']);
  answer.resolve([]);
  await part.stop(1);
  assert.deepEqual(events.slice(4), ['0 stop 1', '1 stop 1']);
});
