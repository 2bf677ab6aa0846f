/** What the detectors for Google Cloud and Azure make of the documented answers of their services. */
import type { DetectorCase, Routes } from './detecting.ts';

const LOCAL = 'http://169.254.169.254';
const KUBERNETES = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
const GCP = `${LOCAL}/computeMetadata/v1`;
const ofGoogle = {
  [`GET ${GCP}/`]: (r) => r.writeHead(200, { 'metadata-flavor': 'Google' }).end('instance/\n'),
} satisfies Routes;
const gcp = (values: Readonly<Record<string, string>>): Routes => ({
  ...ofGoogle,
  ...Object.fromEntries(Object.entries(values).map(([path, value]) => [`GET ${GCP}/${path}`, value])),
});
const AZURE_URL = `GET ${LOCAL}/metadata/instance/compute?api-version=2020-09-01&format=json`;
const COMPUTE = {
  location: 'westus',
  name: 'examplevm',
  osProfile: { computerName: 'examplecomputer' },
  resourceGroupName: 'MC_group_cluster_westus',
  subscriptionId: '8d10da13',
  tagsList: [
    { name: 'team', value: 'blue' },
    { name: 'cost', value: '7' },
  ],
  vmId: '02aab8a4',
  vmScaleSetName: 'crpteste9vflji9',
  vmSize: 'Standard_A3',
  zone: '2',
};

export const GOOGLE_AND_AZURE: readonly DetectorCase[] = [
  {
    detector: 'aks',
    title: 'aks, a group that Azure named',
    text: 'aks {\n resource_attributes {\n k8s.cluster.name { enabled = true }\n }\n }',
    place: { variables: KUBERNETES, routes: { [AZURE_URL]: COMPUTE } },
    gives: { 'cloud.platform': 'azure.aks', 'cloud.provider': 'azure', 'k8s.cluster.name': 'cluster' },
    neverFails: true,
  },
  {
    detector: 'aks',
    title: 'aks, a group of another name',
    text: 'aks {\n resource_attributes {\n k8s.cluster.name { enabled = true }\n }\n }',
    place: { variables: KUBERNETES, routes: { [AZURE_URL]: { ...COMPUTE, resourceGroupName: 'mine_own' } } },
    gives: { 'cloud.platform': 'azure.aks', 'cloud.provider': 'azure', 'k8s.cluster.name': 'mine_own' },
    neverFails: true,
  },
  {
    detector: 'azure',
    text: 'azure {\n tags = ["^te", "z"]\n resource_attributes {\n cloud.availability_zone { enabled = true }\n }\n }',
    place: { routes: { [AZURE_URL]: COMPUTE } },
    gives: {
      'azure.resourcegroup.name': 'MC_group_cluster_westus',
      'azure.tag.team': 'blue',
      'azure.vm.name': 'examplevm',
      'azure.vm.scaleset.name': 'crpteste9vflji9',
      'azure.vm.size': 'Standard_A3',
      'cloud.account.id': '8d10da13',
      'cloud.availability_zone': '2',
      'cloud.platform': 'azure.vm',
      'cloud.provider': 'azure',
      'cloud.region': 'westus',
      'host.id': '02aab8a4',
      'host.name': 'examplecomputer',
    },
    shows: { [AZURE_URL]: { metadata: 'true' } },
  },
  {
    detector: 'azure',
    title: 'azure, a machine without a computer name',
    place: { routes: { [AZURE_URL]: { name: 'examplevm', vmId: 'x' } } },
    gives: {
      'azure.vm.name': 'examplevm',
      'cloud.platform': 'azure.vm',
      'cloud.provider': 'azure',
      'host.id': 'x',
      'host.name': 'examplevm',
    },
  },
  {
    detector: 'gcp',
    title: 'gcp, Compute Engine',
    text: 'gcp {\n resource_attributes {\n gcp.gce.instance.hostname { enabled = true }\n }\n }',
    place: {
      routes: gcp({
        'project/project-id': 'my-project\n',
        'instance/machine-type': 'projects/1/machineTypes/n1-standard-1',
        'instance/zone': 'projects/1/zones/us-central1-a',
        'instance/id': '4520031799277581759',
        'instance/name': 'vm-1',
        'instance/hostname': 'vm-1.c.my-project.internal',
        'instance/attributes/created-by': 'projects/1/regions/us-central1/instanceGroupManagers/igm-1',
      }),
    },
    gives: {
      'cloud.account.id': 'my-project',
      'cloud.availability_zone': 'us-central1-a',
      'cloud.platform': 'gcp_compute_engine',
      'cloud.provider': 'gcp',
      'cloud.region': 'us-central1',
      'gcp.gce.instance.group_manager.name': 'igm-1',
      'gcp.gce.instance.group_manager.region': 'us-central1',
      'gcp.gce.instance.hostname': 'vm-1.c.my-project.internal',
      'host.id': '4520031799277581759',
      'host.name': 'vm-1',
      'host.type': 'projects/1/machineTypes/n1-standard-1',
    },
    shows: { [`GET ${GCP}/instance/zone`]: { 'metadata-flavor': 'Google' } },
  },
  {
    detector: 'gcp',
    title: 'gcp, Kubernetes Engine with workload identity',
    place: {
      variables: KUBERNETES,
      routes: gcp({
        'project/project-id': 'my-project',
        'instance/id': '17',
        'instance/attributes/cluster-name': 'c1',
        'instance/attributes/cluster-location': 'us-central1-c',
      }),
    },
    gives: {
      'cloud.account.id': 'my-project',
      'cloud.availability_zone': 'us-central1-c',
      'cloud.platform': 'gcp_kubernetes_engine',
      'cloud.provider': 'gcp',
      'cloud.region': 'us-central1',
      'host.id': '17',
      'k8s.cluster.name': 'c1',
    },
  },
  {
    detector: 'gcp',
    title: 'gcp, a Cloud Run job',
    place: {
      variables: { CLOUD_RUN_JOB: 'job', CLOUD_RUN_EXECUTION: 'job-x', CLOUD_RUN_TASK_INDEX: '3' },
      routes: gcp({ 'project/project-id': 'p', 'instance/id': '9', 'instance/region': 'projects/1/regions/us-east4' }),
    },
    gives: {
      'cloud.account.id': 'p',
      'cloud.platform': 'gcp_cloud_run',
      'cloud.provider': 'gcp',
      'cloud.region': 'us-east4',
      'faas.instance': '9',
      'faas.name': 'job',
      'gcp.cloud_run.job.execution': 'job-x',
      'gcp.cloud_run.job.task_index': '3',
    },
  },
  {
    detector: 'gcp',
    title: 'gcp, a Cloud Function',
    place: {
      variables: { FUNCTION_TARGET: 'f', K_CONFIGURATION: 'f', K_SERVICE: 'fn', K_REVISION: 'fn-1' },
      routes: gcp({ 'project/project-id': 'p', 'instance/id': '9', 'instance/region': 'projects/1/regions/us-east4' }),
    },
    gives: {
      'cloud.account.id': 'p',
      'cloud.platform': 'gcp_cloud_functions',
      'cloud.provider': 'gcp',
      'cloud.region': 'us-east4',
      'faas.instance': '9',
      'faas.name': 'fn',
      'faas.version': 'fn-1',
    },
  },
  {
    detector: 'gcp',
    title: 'gcp, App Engine',
    place: {
      variables: { GAE_SERVICE: 'app', GAE_VERSION: 'v1', GAE_INSTANCE: 'i1' },
      routes: gcp({ 'project/project-id': 'p', 'instance/zone': 'projects/1/zones/europe-west1-b' }),
    },
    gives: {
      'cloud.account.id': 'p',
      'cloud.availability_zone': 'europe-west1-b',
      'cloud.platform': 'gcp_app_engine',
      'cloud.provider': 'gcp',
      'cloud.region': 'europe-west1',
      'faas.instance': 'i1',
      'faas.name': 'app',
      'faas.version': 'v1',
    },
  },
  {
    detector: 'gcp',
    title: 'gcp, bare metal',
    place: { variables: { BMS_PROJECT_ID: 'p', BMS_REGION: 'us-west2', BMS_INSTANCE_ID: 'b1' } },
    gives: {
      'cloud.account.id': 'p',
      'cloud.platform': 'gcp_bare_metal_solution',
      'cloud.provider': 'gcp',
      'cloud.region': 'us-west2',
      'host.name': 'b1',
    },
  },
];
