import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { component } from '#components/otelcol/processor/resourcedetection/component.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';

const problems = (text: string): readonly string[] => decodeArgs(component.args, `${text}\noutput { }`).problems;

describe('arguments', () => {
  test('defaults', () => {
    const args = argsOf(component.args, 'output { }');
    assert.deepEqual(args.detectors, ['env']);
    assert.equal(args.timeout, 5000);
    assert.equal(args.override, true);
    assert.deepEqual(args.system.hostname_sources, ['dns', 'os']);
    assert.equal(args.system.resource_attributes['host.id'], undefined);
  });

  test('an attribute is a block with dots in its name', () => {
    const args = argsOf(
      component.args,
      'system {\n resource_attributes {\n host.id { enabled = true }\n host.cpu.cache.l2.size { enabled = true }\n }\n }\noutput { }',
    );
    assert.deepEqual(args.system.resource_attributes['host.id'], { enabled: true });
    assert.deepEqual(args.system.resource_attributes['host.cpu.cache.l2.size'], { enabled: true });
  });

  const MISTAKES: readonly [string, RegExp][] = [
    ['detectors = []', /^1: at least one detector/],
    ['detectors = ["process"]', /^1: "process" should be one of /],
    ['timeout = "0s"', /^1: timeout must be greater than 0/],
    ['system {\n hostname_sources = ["uname"]\n}', /^2: .*should be one of "os", "dns"/],
    ['system {\n resource_attributes {\n host.id { }\n }\n}', /^3: missing required attribute "enabled"/],
    [
      'vultr {\n resource_attributes {\n host.type { enabled = true }\n }\n}',
      /^3: unrecognized block name "host.type"/,
    ],
    ['ec2 {\n tags = ["("]\n}', /^2: invalid regular expression/],
    ['azure {\n tags = ["a", "["]\n}', /^2: invalid regular expression/],
    ['nova {\n labels = ["*"]\n}', /^2: invalid regular expression/],
    ['kubeadm {\n auth_type = "tls"\n}', /^2: .*should be one of "none", "serviceAccount", "kubeConfig"/],
    ['detectors = ["kubeadm"]\nkubeadm {\n auth_type = "kubeConfig"\n}', /^2: auth_type "kubeConfig" is not supported/],
  ];
  for (const [text, problem] of MISTAKES)
    test(text, () => {
      assert.match(problems(text).join('\n'), problem);
    });

  test('a kubeconfig file that nobody asks for is no mistake', () => {
    assert.deepEqual(problems('kubernetes_node {\n auth_type = "kubeConfig"\n}'), []);
  });
});
