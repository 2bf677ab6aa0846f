/**
 * Which attributes each detector can give, in the order of Alloy's blocks. A minus in front: only where the configuration enables it.
 * Fact: grafana/alloy, the `config.go` of each detector; attributes that upstream has and Alloy has not are never given.
 */
const TABLE = {
  akamai: 'cloud.provider cloud.region host.id host.name',
  alibaba_ecs:
    'cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.image.id host.name host.type',
  aks: 'cloud.platform cloud.provider -k8s.cluster.name',
  azure:
    'azure.resourcegroup.name azure.vm.name azure.vm.scaleset.name azure.vm.size cloud.account.id -cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.name',
  consul: 'cloud.region host.id host.name',
  digitalocean: 'cloud.provider cloud.region host.id host.name',
  docker: 'host.name os.type',
  dynatrace: '',
  ec2: 'cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.image.id host.name host.type',
  ecs: 'aws.ecs.cluster.arn aws.ecs.launchtype aws.ecs.task.arn aws.ecs.task.family aws.ecs.task.id aws.ecs.task.revision aws.log.group.arns aws.log.group.names aws.log.stream.arns aws.log.stream.names cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region',
  eks: '-cloud.account.id cloud.platform cloud.provider -k8s.cluster.name',
  elasticbeanstalk: 'cloud.platform cloud.provider deployment.environment service.instance.id service.version',
  gcp: 'cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region -faas.id faas.instance faas.name faas.version gcp.cloud_run.job.execution gcp.cloud_run.job.task_index gcp.gce.instance.group_manager.name gcp.gce.instance.group_manager.region gcp.gce.instance.group_manager.zone -gcp.gce.instance.hostname -gcp.gce.instance.name host.id host.name host.type k8s.cluster.name',
  heroku:
    'cloud.provider heroku.app.id heroku.dyno.id heroku.release.commit heroku.release.creation_timestamp service.instance.id service.name service.version',
  hetzner: 'cloud.availability_zone cloud.provider cloud.region host.id host.name',
  kubeadm: 'k8s.cluster.name k8s.cluster.uid',
  kubernetes_node: 'k8s.node.name k8s.node.uid',
  lambda:
    'aws.log.group.names aws.log.stream.names cloud.platform cloud.provider cloud.region faas.instance faas.max_memory faas.name faas.version',
  nova: 'cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.name host.type',
  openshift: 'cloud.platform cloud.provider cloud.region k8s.cluster.name',
  oraclecloud:
    'cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.name host.type k8s.cluster.name oracle_cloud.realm',
  scaleway:
    'cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.image.id host.image.name host.name host.type',
  system:
    '-host.arch -host.cpu.cache.l2.size -host.cpu.family -host.cpu.model.id -host.cpu.model.name -host.cpu.stepping -host.cpu.vendor.id -host.id -host.interface -host.ip -host.mac host.name -os.build.id -os.description -os.name os.type -os.version',
  tencent_cvm:
    'cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region host.id host.image.id host.name host.type',
  upcloud: 'cloud.provider cloud.region host.id host.name',
  vultr: 'cloud.provider cloud.region host.id host.name',
} as const;

/** A detector that has a block of its own. */
export type BlockName = keyof typeof TABLE;

export const isBlockName = (name: string): name is BlockName => Object.hasOwn(TABLE, name);

export interface ResourceAttribute {
  readonly name: string;
  readonly byDefault: boolean;
}

export const attributesOf = (detector: BlockName): readonly ResourceAttribute[] => ATTRIBUTES.get(detector) ?? [];

const ATTRIBUTES: ReadonlyMap<string, readonly ResourceAttribute[]> = new Map(
  Object.entries(TABLE).map(([detector, words]) => [
    detector,
    words
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => ({ name: word.replace('-', ''), byDefault: !word.startsWith('-') })),
  ]),
);
