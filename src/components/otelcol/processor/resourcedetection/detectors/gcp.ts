/**
 * Google Cloud: the metadata server, and the environment where the platform tells something there. Compute Engine, Kubernetes Engine,
 * Cloud Run (services, jobs, worker pools), Cloud Functions, App Engine, Bare Metal Solution.
 */
import { MillraceError } from '#shared/errors.ts';
import { found, noMetadata, orNoMetadata, type Detector, type Surroundings, type Task } from './detector.ts';

const DEFAULT_HOST = '169.254.169.254';
const MANAGER = /^projects\/[^/]+\/(zones|regions)\/([^/]+)\/instanceGroupManagers\/([^/]+)$/;

type Variables = Surroundings['variables'];
type Attributes = Readonly<Record<string, string | undefined>>;

export const detect: Detector = async (task) => {
  const { variables } = task.env;
  const { BMS_PROJECT_ID: project, BMS_REGION: region, BMS_INSTANCE_ID: instance } = variables;
  if (project && region && instance)
    return found({
      'cloud.provider': 'gcp',
      'cloud.platform': 'gcp_bare_metal_solution',
      'cloud.account.id': project,
      'cloud.region': region,
      'host.name': instance,
    });
  const server = new MetadataServer(task);
  await server.open();
  const [account, platform] = await Promise.all([server.value('project/project-id'), platformOf(server, variables)]);
  return found({ 'cloud.provider': 'gcp', 'cloud.account.id': account?.trim(), ...platform });
};

/** Who the environment shows is asked first; whatever else answers is a virtual machine. */
async function platformOf(server: MetadataServer, variables: Variables): Promise<Attributes> {
  if (variables['KUBERNETES_SERVICE_HOST'] !== undefined) {
    const location = await server.optional('instance/attributes/cluster-location');
    if (location !== undefined) return kubernetesEngine(server, location);
  }
  if (variables['FUNCTION_TARGET'] !== undefined)
    return { ...(await cloudRun(server, variables)), 'cloud.platform': 'gcp_cloud_functions' };
  const { K_CONFIGURATION: service, CLOUD_RUN_JOB: job, CLOUD_RUN_WORKER_POOL: pool } = variables;
  if (service !== undefined) return cloudRun(server, variables);
  if (job !== undefined)
    return {
      ...(await cloudRun(server, variables)),
      'faas.version': undefined,
      'gcp.cloud_run.job.execution': variables['CLOUD_RUN_EXECUTION'],
      'gcp.cloud_run.job.task_index': variables['CLOUD_RUN_TASK_INDEX'],
    };
  if (pool !== undefined) return cloudRun(server, variables);
  if (variables['GAE_ENV'] === 'standard' || variables['GAE_SERVICE'] !== undefined)
    return appEngine(server, variables);
  return (await server.optional('instance/machine-type')) === undefined ? {} : computeEngine(server);
}

async function kubernetesEngine(server: MetadataServer, location: string): Promise<Attributes> {
  const [cluster, id, name] = await Promise.all([
    server.value('instance/attributes/cluster-name'),
    server.value('instance/id'),
    // With workload identity there is none.
    server.optional('instance/name'),
  ]);
  const isZone = location.split('-').length === 3;
  return {
    'cloud.platform': 'gcp_kubernetes_engine',
    'cloud.availability_zone': isZone ? location : undefined,
    'cloud.region': isZone ? location.slice(0, location.lastIndexOf('-')) : location,
    'k8s.cluster.name': cluster,
    'host.id': id?.trim(),
    'host.name': name,
  };
}

async function cloudRun(server: MetadataServer, variables: Variables): Promise<Attributes> {
  const [id, region] = await Promise.all([server.value('instance/id'), server.value('instance/region')]);
  return {
    'cloud.platform': 'gcp_cloud_run',
    'cloud.region': lastOf(region),
    'faas.name': variables['K_SERVICE'] ?? variables['CLOUD_RUN_JOB'] ?? variables['CLOUD_RUN_WORKER_POOL'],
    'faas.version': variables['CLOUD_RUN_REVISION'] ?? variables['K_REVISION'],
    'faas.instance': id?.trim(),
  };
}

async function appEngine(server: MetadataServer, variables: Variables): Promise<Attributes> {
  const isStandard = variables['GAE_ENV'] === 'standard';
  const [zone, region] = await Promise.all([
    server.value('instance/zone'),
    isStandard ? server.value('instance/region') : undefined,
  ]);
  return {
    'cloud.platform': 'gcp_app_engine',
    'cloud.availability_zone': lastOf(zone),
    'cloud.region': isStandard ? lastOf(region) : regionOf(lastOf(zone)),
    'faas.name': variables['GAE_SERVICE'],
    'faas.version': variables['GAE_VERSION'],
    'faas.instance': variables['GAE_INSTANCE'],
  };
}

async function computeEngine(server: MetadataServer): Promise<Attributes> {
  const [type, zone, id, name, hostname, createdBy = ''] = await Promise.all([
    server.value('instance/machine-type'),
    server.value('instance/zone'),
    server.value('instance/id'),
    server.value('instance/name'),
    server.value('instance/hostname'),
    server.optional('instance/attributes/created-by'),
  ]);
  const [, kind, place, manager] = MANAGER.exec(createdBy.trim()) ?? [];
  return {
    'cloud.platform': 'gcp_compute_engine',
    'cloud.availability_zone': lastOf(zone),
    'cloud.region': regionOf(lastOf(zone)),
    'host.type': type,
    'host.id': id?.trim(),
    'host.name': name?.trim(),
    'gcp.gce.instance.hostname': hostname?.trim(),
    'gcp.gce.instance.name': name?.trim(),
    'gcp.gce.instance.group_manager.name': manager,
    'gcp.gce.instance.group_manager.zone': kind === 'zones' ? place : undefined,
    'gcp.gce.instance.group_manager.region': kind === 'regions' ? place : undefined,
  };
}

/** Of `projects/NUMBER/zones/ZONE`. */
const lastOf = (path: string | undefined): string | undefined => path?.trim().split('/').at(-1);

/** `us-central1` of `us-central1-a`. */
const regionOf = (zone: string | undefined): string | undefined => zone?.split('-').slice(0, 2).join('-');

class MetadataServer {
  readonly #base: string;
  readonly #task: Task;

  constructor(task: Task) {
    this.#task = task;
    this.#base = `http://${task.env.variables['GCE_METADATA_HOST'] || DEFAULT_HOST}/computeMetadata/v1`;
  }

  /** Others have a service at the same address; only this one says whose it is. */
  async open(): Promise<void> {
    const { headers } = await orNoMetadata(this.#ask(''));
    if (headers['metadata-flavor'] !== 'Google')
      throw noMetadata('the metadata service is not the one of Google Cloud');
  }

  /** undefined: there is none, and that is no failure. */
  async optional(path: string): Promise<string | undefined> {
    const { status, body } = await this.#ask(path);
    return status === 200 ? body.toString('utf8') : undefined;
  }

  /** The same, but with `fail_on_missing_metadata` it has to be there. */
  async value(path: string): Promise<string | undefined> {
    const text = await this.optional(path);
    if (text === undefined && this.#task.strict)
      throw new MillraceError('metadata_request', `the metadata server of Google Cloud has no ${path}`);
    return text;
  }

  #ask(path: string) {
    return this.#task.env.http.answer(`${this.#base}/${path}`, { headers: { 'metadata-flavor': 'Google' } });
  }
}
