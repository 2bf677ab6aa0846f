/** Settings of the OpenTelemetry Collector's processor, converted. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { convertCollector } from '#config/convert/convert.ts';

/** The body of the component without its output, and what was said. */
function converted(settings: string): { readonly text: string; readonly said: readonly string[] } {
  const yaml = `receivers: { otlp: { protocols: { grpc: } } }
exporters: { otlp: { endpoint: "x:1" } }
processors:
  resourcedetection:
${settings}
service: { pipelines: { traces: { receivers: [otlp], processors: [resourcedetection], exporters: [otlp] } } }
`;
  const { text, diagnostics } = convertCollector([{ name: 'a.yaml', bytes: Buffer.from(yaml) }], {
    components: [...COMPONENTS.values()],
  });
  const [, body = ''] =
    /otelcol\.processor\.resourcedetection "default" \{\n(.*?)\n?\n\toutput \{/s.exec(text ?? '') ?? [];
  return { text: body, said: diagnostics.map(({ message }) => message) };
}

describe('conversion', () => {
  test('detectors by their names here, attributes by names with dots', () => {
    const { text, said } = converted(`    detectors: [env, elastic_beanstalk, system]
    override: false
    timeout: 2s
    system:
      hostname_sources: [os]
      resource_attributes:
        host.id: { enabled: true }
        host.image.id: { enabled: true }
        host.cpu.cache.l2.size: { enabled: true }
    ec2:
      tags: ["^a$"]`);
    assert.deepEqual(said, ['the attribute host.image.id of system has no counterpart and is left out']);
    assert.equal(
      text,
      `	detectors = ["env", "elasticbeanstalk", "system"]
	override  = false

	ec2 {
		tags = ["^a$"]
	}

	system {
		hostname_sources = ["os"]

		resource_attributes {
			host.cpu.cache.l2.size {
				enabled = true
			}

			host.id {
				enabled = true
			}
		}
	}
	timeout = "2s"`,
    );
  });

  test('the API server is asked with the service account where nothing else is said', () => {
    const { text, said } = converted('    detectors: [k8snode, kubeadm]\n    kubeadm: { auth_type: none }');
    assert.deepEqual(said, []);
    assert.equal(
      text,
      `	detectors = ["kubernetes_node", "kubeadm"]

	kubernetes_node {
		auth_type = "serviceAccount"
	}`,
    );
  });

  test('the settings of a detector by its other name', () => {
    const { text } = converted('    detectors: [k8s_api]\n    k8s_api: { node_from_env_var: N }');
    assert.match(text, /kubernetes_node \{\n\t\tauth_type {9}= "serviceAccount"\n\t\tnode_from_env_var = "N"\n/);
  });

  test("keys of Consul's metadata are those of a map there", () => {
    const { text } = converted('    detectors: [consul]\n    consul: { meta: { env: , team: x } }');
    assert.match(text, /consul \{\n\t\tmeta = \["env", "team"\]\n/);
  });

  test('what has no counterpart is said and left out', () => {
    const { text, said } = converted(
      '    detectors: [ibmcloud_vpc, env]\n    refresh_interval: 5m\n    ibmcloud_vpc: { protocol: http }',
    );
    assert.equal(text, '');
    assert.deepEqual([...said].sort(), [
      'processors::resourcedetection::ibmcloud_vpc has no counterpart and is left out',
      'processors::resourcedetection::refresh_interval has no counterpart and is left out',
      'the detector ibmcloud_vpc has no counterpart and is left out',
    ]);
  });
});
