import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attributesOf } from '#components/otelcol/processor/resourcedetection/resource-attributes.ts';
import { detect, HOST, plain, surroundedBy, type Place } from '#test/support/detecting.ts';

const everything = attributesOf('system')
  .map(({ name }) => `${name} { enabled = true }`)
  .join('\n');
const SYSTEM = (text: string): string => `detectors = ["system"]\nsystem {\n${text}\n}`;
const ALL = SYSTEM(`hostname_sources = ["os"]\nresource_attributes {\n${everything}\n}`);

const OS_RELEASE =
  'NAME="Ubuntu"\nVERSION="22.04.4 LTS (Jammy Jellyfish)"\nVERSION_ID="22.04"\nID=ubuntu\nPRETTY_NAME=\'U\'\n';
const CPU = `processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 143
model name\t: Intel(R) Xeon(R) Platinum
stepping\t: 8
cache size\t: 107520 KB

processor\t: 1
vendor_id\t: Other
`;
const LINUX: Place = {
  files: { '/etc/os-release': OS_RELEASE, '/proc/cpuinfo': CPU, '/etc/machine-id': 'ab12\n' },
  host: {
    interfaces: () => [
      { name: 'lo', isLoopback: true, mac: '00:00:00:00:00:00', addresses: ['127.0.0.1', '::1'] },
      { name: 'eth0', isLoopback: false, mac: '02:42:ac:11:00:02', addresses: ['172.17.0.2', 'fe80::42'] },
      { name: 'tun0', isLoopback: false, mac: '', addresses: ['10.8.0.1'] },
    ],
  },
};

describe('system', () => {
  test('host name and type of system are what is given by default', async (t) => {
    const around = await surroundedBy(t, LINUX);
    assert.deepEqual(plain(await detect(around, SYSTEM(''))), { 'host.name': 'box', 'os.type': 'linux' });
  });

  test('everything, of Linux', async (t) => {
    const detection = await detect(await surroundedBy(t, LINUX), ALL);
    assert.deepEqual(plain(detection), {
      'host.arch': 'amd64',
      'host.cpu.cache.l2.size': 107520,
      'host.cpu.family': '6',
      'host.cpu.model.id': '143',
      'host.cpu.model.name': 'Intel(R) Xeon(R) Platinum',
      'host.cpu.stepping': '8',
      'host.cpu.vendor.id': 'GenuineIntel',
      'host.id': 'ab12',
      'host.interface': ['lo', 'eth0', 'tun0'],
      'host.ip': ['172.17.0.2', 'fe80::42', '10.8.0.1'],
      'host.mac': ['02-42-AC-11-00-02'],
      'host.name': 'box',
      'os.build.id': '6.1.0',
      'os.description': 'Ubuntu 22.04.4 LTS (Jammy Jellyfish) (Linux box 6.1.0 #1 SMP x86_64)',
      'os.name': 'ubuntu',
      'os.type': 'linux',
      'os.version': '22.04',
    });
    assert.match(detection.schemaUrl, /^https:\/\/opentelemetry\.io\/schemas\//);
  });

  test('what a host does not tell is left out', async (t) => {
    const around = await surroundedBy(t, {});
    assert.deepEqual(plain(await detect(around, ALL)), {
      'host.arch': 'amd64',
      'host.name': 'box',
      'os.build.id': '6.1.0',
      'os.description': 'Linux box 6.1.0 #1 SMP x86_64',
      'os.name': 'linux',
      'os.type': 'linux',
      'os.version': '6.1.0',
    });
    assert.deepEqual(
      around.log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message),
      ['this host has no machine id, so host.id is not added'],
    );
  });

  test('other systems, with the words of the conventions', async (t) => {
    const uname = { type: 'Windows_NT', release: '10.0.22631', version: 'Windows 11 Pro', machine: 'arm64' };
    const around = await surroundedBy(t, { host: { platform: 'win32', arch: 'arm', uname } });
    const found = plain(await detect(around, ALL));
    assert.equal(found['os.type'], 'windows');
    assert.equal(found['host.arch'], 'arm32');
    assert.equal(found['os.version'], '10.0.22631');
  });

  test('Debian has its minor version in a file of its own', async (t) => {
    const files = { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n', '/etc/debian_version': '12.5\n' };
    assert.equal(plain(await detect(await surroundedBy(t, { files }), ALL))['os.version'], '12.5');
  });

  const dns = {
    ...HOST.dns,
    canonicalName: async () => 'box.canonical.org',
    addresses: async () => ['10.0.0.1', '10.0.0.2'],
    names: async (address: string) => {
      if (address === '10.0.0.1') throw new Error('no such address');
      return ['box.reverse.org.'];
    },
  };
  const HOSTS = '# box.no.org box\n127.0.0.1 localhost\n127.0.1.1\tbox.hosts.org  box # it\n';
  const sources: readonly [string, Place, string][] = [
    ['"os"', {}, 'box'],
    ['"cname"', { host: { dns } }, 'box.canonical.org'],
    ['"lookup"', { host: { dns } }, 'box.reverse.org'],
    ['"dns"', { host: { dns }, files: { '/etc/hosts': HOSTS } }, 'box.hosts.org'],
    ['"dns"', { host: { dns } }, 'box.canonical.org'],
    ['"dns"', { host: { dns: { ...dns, canonicalName: HOST.dns.canonicalName } } }, 'box.reverse.org'],
    ['"lookup", "cname", "os"', {}, 'box'],
    ['', {}, 'box'],
  ];
  for (const [names, place, gives] of sources)
    test(`hostname_sources [${names}] gives ${gives}`, async (t) => {
      const around = await surroundedBy(t, place);
      const { attributes, failures } = await detect(around, SYSTEM(`hostname_sources = [${names}]`));
      assert.deepEqual(failures, []);
      assert.equal(attributes.get('host.name'), gives);
    });

  test('no source gives a name: a failure that names each', async (t) => {
    const around = await surroundedBy(t, {});
    const text = `${SYSTEM('hostname_sources = ["dns", "cname"]')}\ntimeout = "1ms"`;
    const { attributes, failures } = await detect(around, text);
    assert.equal(attributes.size, 0);
    assert.match(failures[0].why, /dns: no such name; cname: no such name/);
  });
});
