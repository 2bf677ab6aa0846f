import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '#test/support/fake-clock.ts';
import { detect, plain, surroundedBy, type Route } from '#test/support/detecting.ts';

const VULTR = 'GET http://169.254.169.254/v1.json';
const HETZNER = 'http://169.254.169.254/hetzner/v1/metadata';
const hetzner = { [`GET ${HETZNER}/hostname`]: 'h', [`GET ${HETZNER}/instance-id`]: '1' };
const vultr = { hostname: 'v', instanceid: '2', region: { regioncode: 'EWR' } };

describe('detection', () => {
  test('the first detector that has an attribute wins, whoever is done first', async (t) => {
    const slow: Route = (response) => void setImmediate(() => response.end(JSON.stringify(vultr)));
    const place = {
      variables: { OTEL_RESOURCE_ATTRIBUTES: 'host.id=env,mine=1' },
      routes: { ...hetzner, [VULTR]: slow },
    };
    const around = await surroundedBy(t, place);
    const found = await detect(around, 'detectors = ["vultr", "hetzner", "env"]');
    assert.deepEqual(plain(found), {
      'cloud.provider': 'vultr',
      'cloud.region': 'ewr',
      'host.id': '2',
      'host.name': 'v',
      mine: '1',
    });
    const turned = await detect(around, 'detectors = ["env", "hetzner", "vultr"]');
    assert.deepEqual(plain(turned), {
      'cloud.provider': 'hetzner',
      'cloud.region': 'ewr',
      'host.id': 'env',
      'host.name': 'h',
      mine: '1',
    });
  });

  test('a disabled attribute leaves its place to other detectors', async (t) => {
    const around = await surroundedBy(t, { routes: { ...hetzner, [VULTR]: vultr } });
    const found = await detect(
      around,
      'detectors = ["vultr", "hetzner"]\nvultr {\n resource_attributes {\n host.name { enabled = false }\n }\n }',
    );
    assert.equal(found.attributes.get('host.name'), 'h');
    assert.equal(found.attributes.get('host.id'), '2');
  });

  test('a failure takes nothing from the others', async (t) => {
    const variables = { OTEL_RESOURCE_ATTRIBUTES: 'nonsense' };
    const around = await surroundedBy(t, { variables, routes: { [VULTR]: vultr } });
    const found = await detect(around, 'detectors = ["env", "vultr"]\ntimeout = "100ms"');
    assert.deepEqual(
      found.failures.map(({ detector }) => detector),
      ['env'],
    );
    assert.equal(found.attributes.get('host.name'), 'v');
  });

  test('a detector that fails is tried again after 1 s, 2 s, ... until the time is over', async (t) => {
    const clock = new FakeClock();
    let asked = 0;
    const route: Route = (response) =>
      ++asked < 3 ? response.writeHead(503).end() : response.end(JSON.stringify(vultr));
    const around = await surroundedBy(t, { routes: { [VULTR]: route } });
    const detection = detect(around, 'detectors = ["vultr"]\nfail_on_missing_metadata = true', clock);
    const waiting = async (): Promise<void> => {
      // The time for the whole is one timer, the wait for the next attempt another.
      while (clock.pending < 2) await turn();
    };
    await waiting();
    await clock.advance(999);
    assert.equal(asked, 1);
    await clock.advance(1);
    await waiting();
    assert.equal(asked, 2);
    await clock.advance(2000);
    const { failures, attributes } = await detection;
    assert.deepEqual(failures, []);
    assert.equal(attributes.get('host.name'), 'v');
    assert.equal(asked, 3);
    assert.equal(clock.pending, 0);
  });

  test('fail_on_missing_metadata of one detector concerns it alone', async (t) => {
    const around = await surroundedBy(t, {});
    const text = 'detectors = ["vultr", "upcloud"]\ntimeout = "100ms"\nupcloud { fail_on_missing_metadata = true }';
    const { failures } = await detect(around, text);
    assert.deepEqual(
      failures.map(({ detector }) => detector),
      ['upcloud'],
    );
  });

  test('a service that never answers costs the time for the detection and is not there', async (t) => {
    const clock = new FakeClock();
    const asked = Promise.withResolvers<void>();
    const variables = { OTEL_RESOURCE_ATTRIBUTES: 'a=b' };
    const around = await surroundedBy(t, { variables, routes: { [VULTR]: () => asked.resolve() } });
    const detection = detect(around, 'detectors = ["vultr", "env"]\ntimeout = "7s"', clock);
    await asked.promise;
    await clock.advance(7000);
    const { failures, attributes } = await detection;
    assert.deepEqual(failures, []);
    assert.deepEqual([...attributes.keys()], ['a']);
    assert.equal(clock.pending, 0);
  });

  test('and is a failure where it must be there', async (t) => {
    const clock = new FakeClock();
    const asked = Promise.withResolvers<void>();
    const around = await surroundedBy(t, { routes: { [VULTR]: () => asked.resolve() } });
    const text = 'detectors = ["vultr"]\ntimeout = "7s"\nfail_on_missing_metadata = true';
    const detection = detect(around, text, clock);
    await asked.promise;
    await clock.advance(7000);
    assert.match((await detection).failures[0].why, /v1\.json: no answer within 7000 ms/);
    assert.equal(clock.pending, 0);
  });

  test('tags that need the EC2 API are left out with a warning', async (t) => {
    const local = 'http://169.254.169.254/latest';
    const around = await surroundedBy(t, {
      routes: {
        [`PUT ${local}/api/token`]: 'token',
        [`GET ${local}/meta-data/instance-id`]: 'i-1',
        [`GET ${local}/meta-data/hostname`]: 'ip',
        [`GET ${local}/dynamic/instance-identity/document`]: { instanceId: 'i-1' },
      },
    });
    const { attributes } = await detect(around, 'detectors = ["ec2"]\nec2 { tags = [".*"] }');
    assert.equal(attributes.get('host.id'), 'i-1');
    assert.deepEqual(
      around.log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['detector']),
      ['ec2'],
    );
  });

  test('questions to the metadata service of EC2 are repeated as often as max_attempts says', async (t) => {
    const around = await surroundedBy(t, { routes: { 'PUT http://169.254.169.254/latest/api/token': 500 } });
    const { failures } = await detect(
      around,
      'detectors = ["ec2"]\nec2 {\n max_attempts = 2\n max_backoff = "1ms"\n }',
    );
    assert.deepEqual(failures, []);
    assert.equal(around.asked.length, 2);
  });
});
