/** What the detectors for other clouds, for containers and clusters make of the documented answers of their sources. */
import type { DetectorCase } from './detecting.ts';

const LOCAL = 'http://169.254.169.254';
const ALIBABA = 'http://100.100.100.200/latest';
const TENCENT = 'http://metadata.tencentyun.com/latest/meta-data';
const KUBERNETES = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
const API = 'https://10.0.0.1';
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN = { [`${ACCOUNT}/token`]: 'kube-token\n' };

export const OTHERS: readonly DetectorCase[] = [
  {
    detector: 'akamai',
    place: {
      routes: {
        [`PUT ${LOCAL}/v1/token`]: ['linode-token'],
        [`GET ${LOCAL}/v1/instance`]: { id: 1234, label: 'web-1', region: 'us-ord', type: 'g6-standard-1' },
      },
    },
    gives: { 'cloud.provider': 'akamai_cloud', 'cloud.region': 'us-ord', 'host.id': '1234', 'host.name': 'web-1' },
    shows: {
      [`PUT ${LOCAL}/v1/token`]: { 'metadata-token-expiry-seconds': '3600', accept: 'application/json' },
      [`GET ${LOCAL}/v1/instance`]: { 'metadata-token': 'linode-token', accept: 'application/json' },
    },
  },
  {
    detector: 'alibaba_ecs',
    place: {
      routes: {
        [`PUT ${ALIBABA}/api/token`]: 'aliyun-token',
        [`GET ${ALIBABA}/meta-data/hostname`]: 'web-1',
        [`GET ${ALIBABA}/meta-data/image-id`]: 'ubuntu_22_04',
        [`GET ${ALIBABA}/meta-data/instance-id`]: 'i-abc',
        [`GET ${ALIBABA}/meta-data/instance/instance-type`]: 'ecs.g7.large',
        [`GET ${ALIBABA}/meta-data/owner-account-id`]: '1609',
        [`GET ${ALIBABA}/meta-data/region-id`]: 'cn-hangzhou',
        [`GET ${ALIBABA}/meta-data/zone-id`]: 'cn-hangzhou-i',
      },
    },
    gives: {
      'cloud.account.id': '1609',
      'cloud.availability_zone': 'cn-hangzhou-i',
      'cloud.platform': 'alibaba_cloud_ecs',
      'cloud.provider': 'alibaba_cloud',
      'cloud.region': 'cn-hangzhou',
      'host.id': 'i-abc',
      'host.image.id': 'ubuntu_22_04',
      'host.name': 'web-1',
      'host.type': 'ecs.g7.large',
    },
    shows: {
      [`PUT ${ALIBABA}/api/token`]: { 'x-aliyun-ecs-metadata-token-ttl-seconds': '21600' },
      [`GET ${ALIBABA}/meta-data/zone-id`]: { 'x-aliyun-ecs-metadata-token': 'aliyun-token' },
    },
  },
  {
    detector: 'consul',
    text: 'consul {\n address = "consul.local:8500"\n datacenter = "dc1"\n namespace = "n"\n token = "acl"\n meta = ["env", "absent"]\n }',
    place: {
      routes: {
        'GET http://consul.local:8500/v1/agent/self?dc=dc1&ns=n': {
          Config: { Datacenter: 'dc1', NodeName: 'node-1', NodeID: '9d75' },
          Meta: { env: 'prod', other: 'x' },
        },
      },
    },
    gives: { 'cloud.region': 'dc1', env: 'prod', 'host.id': '9d75', 'host.name': 'node-1' },
    shows: { 'GET http://consul.local:8500/v1/agent/self?dc=dc1&ns=n': { 'x-consul-token': 'acl' } },
  },
  {
    detector: 'consul',
    title: 'consul, by the environment',
    place: {
      variables: { CONSUL_HTTP_ADDR: 'consul.local:8501', CONSUL_HTTP_SSL: 'true', CONSUL_HTTP_TOKEN: 'env-acl' },
      routes: {
        'GET https://consul.local:8501/v1/agent/self': {
          Config: { Datacenter: 'dc2', NodeName: 'node-2', NodeID: 'id' },
        },
      },
    },
    gives: { 'cloud.region': 'dc2', 'host.id': 'id', 'host.name': 'node-2' },
    shows: { 'GET https://consul.local:8501/v1/agent/self': { 'x-consul-token': 'env-acl' } },
  },
  {
    detector: 'digitalocean',
    place: {
      routes: { [`GET ${LOCAL}/metadata/v1.json`]: { droplet_id: 2756294, hostname: 'sample', region: 'nyc3' } },
    },
    gives: { 'cloud.provider': 'digitalocean', 'cloud.region': 'nyc3', 'host.id': '2756294', 'host.name': 'sample' },
  },
  {
    detector: 'docker',
    place: {
      variables: { DOCKER_HOST: 'tcp://docker.local:2375', DOCKER_API_VERSION: '1.44' },
      routes: { 'GET http://docker.local:2375/v1.44/info': { Name: 'docker-desktop', OSType: 'linux' } },
    },
    gives: { 'host.name': 'docker-desktop', 'os.type': 'linux' },
  },
  {
    detector: 'dynatrace',
    place: {
      files: {
        '/var/lib/dynatrace/enrichment/dt_host_metadata.properties':
          'dt.entity.host=HOST-1\nhost.name=box=1\nother=x\nno pair\n\ndt.smartscape.host= \n',
      },
    },
    gives: { 'dt.entity.host': 'HOST-1', 'host.name': 'box=1' },
    neverFails: true,
  },
  {
    detector: 'heroku',
    place: {
      variables: {
        HEROKU_APP_ID: '9daa2797',
        HEROKU_APP_NAME: 'example-app',
        HEROKU_DYNO_ID: 'dyno-1',
        HEROKU_RELEASE_CREATED_AT: '2015-04-02T18:00:42Z',
        HEROKU_RELEASE_VERSION: 'v7',
        HEROKU_SLUG_COMMIT: '2c3a0b24',
      },
    },
    gives: {
      'cloud.provider': 'heroku',
      'heroku.app.id': '9daa2797',
      'heroku.release.commit': '2c3a0b24',
      'heroku.release.creation_timestamp': '2015-04-02T18:00:42Z',
      'service.instance.id': 'dyno-1',
      'service.name': 'example-app',
      'service.version': 'v7',
    },
  },
  {
    detector: 'hetzner',
    place: {
      routes: {
        [`GET ${LOCAL}/hetzner/v1/metadata/hostname`]: 'my-server',
        [`GET ${LOCAL}/hetzner/v1/metadata/instance-id`]: '42',
        [`GET ${LOCAL}/hetzner/v1/metadata/region`]: 'eu-central',
        [`GET ${LOCAL}/hetzner/v1/metadata/availability-zone`]: 'fsn1-dc14',
      },
    },
    gives: {
      'cloud.availability_zone': 'fsn1-dc14',
      'cloud.provider': 'hetzner',
      'cloud.region': 'eu-central',
      'host.id': '42',
      'host.name': 'my-server',
    },
  },
  {
    detector: 'kubeadm',
    text: 'kubeadm {\n auth_type = "serviceAccount"\n }',
    place: {
      variables: KUBERNETES,
      files: TOKEN,
      routes: {
        [`GET ${API}/api/v1/namespaces/kube-system/configmaps/kubeadm-config`]: {
          data: {
            ClusterConfiguration:
              'apiServer:\n  clusterName: inner\nclusterName: "my-cluster"\nkind: ClusterConfiguration\n',
          },
        },
        [`GET ${API}/api/v1/namespaces/kube-system`]: { metadata: { uid: '8f1e' } },
      },
    },
    gives: { 'k8s.cluster.name': 'my-cluster', 'k8s.cluster.uid': '8f1e' },
    shows: { [`GET ${API}/api/v1/namespaces/kube-system`]: { authorization: 'Bearer kube-token' } },
  },
  {
    detector: 'kubernetes_node',
    text: 'kubernetes_node {\n auth_type = "serviceAccount"\n node_from_env_var = "MY_NODE"\n }',
    place: {
      variables: { ...KUBERNETES, MY_NODE: 'node-1' },
      files: TOKEN,
      routes: { [`GET ${API}/api/v1/nodes/node-1`]: { metadata: { name: 'node-1', uid: 'b15e' } } },
    },
    gives: { 'k8s.node.name': 'node-1', 'k8s.node.uid': 'b15e' },
    shows: { [`GET ${API}/api/v1/nodes/node-1`]: { authorization: 'Bearer kube-token' } },
  },
  {
    detector: 'nova',
    text: 'nova {\n labels = ["^ro"]\n }',
    place: {
      routes: {
        [`GET ${LOCAL}/openstack/latest/meta_data.json`]: {
          uuid: 'd8e02d56',
          hostname: 'test.novalocal',
          availability_zone: 'nova',
          project_id: 'f7ac',
          meta: { role: 'webservers', essential: 'false' },
        },
        [`GET ${LOCAL}/latest/meta-data/instance-type`]: 'm1.small',
      },
    },
    gives: {
      'cloud.availability_zone': 'nova',
      'cloud.platform': 'openstack_nova',
      'cloud.provider': 'openstack',
      'host.id': 'd8e02d56',
      'host.name': 'test.novalocal',
      'host.type': 'm1.small',
      'openstack.nova.meta.role': 'webservers',
    },
  },
  {
    detector: 'openshift',
    text: 'openshift {\n address = "https://api.ocp.local:6443"\n token = "ocp-token"\n }',
    place: {
      routes: {
        'GET https://api.ocp.local:6443/apis/config.openshift.io/v1/infrastructures/cluster/status': {
          status: { infrastructureName: 'test-d-bm4rt', platformStatus: { aws: { region: 'US-east-1' }, type: 'AWS' } },
        },
      },
    },
    gives: {
      'cloud.platform': 'aws_openshift',
      'cloud.provider': 'aws',
      'cloud.region': 'us-east-1',
      'k8s.cluster.name': 'test-d-bm4rt',
    },
    shows: {
      'GET https://api.ocp.local:6443/apis/config.openshift.io/v1/infrastructures/cluster/status': {
        authorization: 'Bearer ocp-token',
      },
    },
  },
  {
    detector: 'oraclecloud',
    place: {
      routes: {
        [`GET ${LOCAL}/opc/v2/instance/`]: {
          availabilityDomain: 'EMIr:PHX-AD-1',
          canonicalRegionName: 'us-phoenix-1',
          displayName: 'my-instance',
          id: 'ocid1.instance.oc1',
          metadata: { realm: 'oc1' },
          shape: 'VM.Standard.E3.Flex',
        },
      },
    },
    gives: {
      'cloud.availability_zone': 'EMIr:PHX-AD-1',
      'cloud.platform': 'oracle_cloud_oke',
      'cloud.provider': 'oracle_cloud',
      'cloud.region': 'us-phoenix-1',
      'host.id': 'ocid1.instance.oc1',
      'host.name': 'my-instance',
      'host.type': 'VM.Standard.E3.Flex',
      'oracle_cloud.realm': 'oc1',
    },
    shows: { [`GET ${LOCAL}/opc/v2/instance/`]: { authorization: 'Bearer Oracle' } },
  },
  {
    detector: 'scaleway',
    place: {
      routes: {
        'GET http://169.254.42.42/conf?format=json': {
          commercial_type: 'DEV1-S',
          id: 'cb9c',
          image: { id: 'ca8f', name: 'Ubuntu 22.04' },
          location: { zone_id: 'fr-par-1' },
          name: 'scw-1',
          organization: '51b6',
        },
      },
    },
    gives: {
      'cloud.account.id': '51b6',
      'cloud.availability_zone': 'fr-par-1',
      'cloud.platform': 'scaleway_cloud_compute',
      'cloud.provider': 'scaleway_cloud',
      'cloud.region': 'fr-par',
      'host.id': 'cb9c',
      'host.image.id': 'ca8f',
      'host.image.name': 'Ubuntu 22.04',
      'host.name': 'scw-1',
      'host.type': 'DEV1-S',
    },
  },
  {
    detector: 'tencent_cvm',
    place: {
      routes: {
        [`GET ${TENCENT}/instance-name`]: 'web-1',
        [`GET ${TENCENT}/instance/image-id`]: 'img-1',
        [`GET ${TENCENT}/instance-id`]: 'ins-1',
        [`GET ${TENCENT}/instance/instance-type`]: 'S5.MEDIUM4',
        [`GET ${TENCENT}/app-id`]: '1250',
        [`GET ${TENCENT}/placement/region`]: 'ap-guangzhou',
        [`GET ${TENCENT}/placement/zone`]: 'ap-guangzhou-6',
      },
    },
    gives: {
      'cloud.account.id': '1250',
      'cloud.availability_zone': 'ap-guangzhou-6',
      'cloud.platform': 'tencent_cloud_cvm',
      'cloud.provider': 'tencent_cloud',
      'cloud.region': 'ap-guangzhou',
      'host.id': 'ins-1',
      'host.image.id': 'img-1',
      'host.name': 'web-1',
      'host.type': 'S5.MEDIUM4',
    },
  },
  {
    detector: 'upcloud',
    place: {
      routes: {
        [`GET ${LOCAL}/metadata/v1.json`]: {
          cloud_name: 'upcloud',
          hostname: 'ubuntu',
          instance_id: '00133099',
          region: 'us-chi1',
        },
      },
    },
    gives: { 'cloud.provider': 'upcloud', 'cloud.region': 'us-chi1', 'host.id': '00133099', 'host.name': 'ubuntu' },
  },
  {
    detector: 'vultr',
    place: {
      routes: {
        [`GET ${LOCAL}/v1.json`]: {
          hostname: 'vultr-guest',
          'instance-v2-id': '36e9',
          instanceid: '42872224',
          region: { regioncode: 'EWR' },
        },
      },
    },
    gives: { 'cloud.provider': 'vultr', 'cloud.region': 'ewr', 'host.id': '36e9', 'host.name': 'vultr-guest' },
  },
];
