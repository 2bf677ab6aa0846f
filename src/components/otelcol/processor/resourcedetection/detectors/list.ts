/** The detectors, by the names that `detectors` has for them. */
import type { DetectorName } from '../schema.ts';
import { detect as akamai } from './akamai.ts';
import { detect as aks } from './aks.ts';
import { detect as alibabaEcs } from './alibaba-ecs.ts';
import { detect as azure } from './azure.ts';
import { detect as consul } from './consul.ts';
import type { Detector } from './detector.ts';
import { detect as digitalocean } from './digitalocean.ts';
import { detect as docker } from './docker.ts';
import { detect as dynatrace } from './dynatrace.ts';
import { detect as ec2 } from './ec2.ts';
import { detect as ecs } from './ecs.ts';
import { detect as eks } from './eks.ts';
import { detect as elasticbeanstalk } from './elasticbeanstalk.ts';
import { detect as env } from './env.ts';
import { detect as gcp } from './gcp.ts';
import { detect as heroku } from './heroku.ts';
import { detect as hetzner } from './hetzner.ts';
import { detect as kubeadm } from './kubeadm.ts';
import { detect as kubernetesNode } from './kubernetes-node.ts';
import { detect as lambda } from './lambda.ts';
import { detect as nova } from './nova.ts';
import { detect as openshift } from './openshift.ts';
import { detect as oraclecloud } from './oraclecloud.ts';
import { detect as scaleway } from './scaleway.ts';
import { detect as system } from './system.ts';
import { detect as tencentCvm } from './tencent-cvm.ts';
import { detect as upcloud } from './upcloud.ts';
import { detect as vultr } from './vultr.ts';

export const DETECTORS: Readonly<Record<DetectorName, Detector>> = {
  akamai,
  aks,
  alibaba_ecs: alibabaEcs,
  azure,
  consul,
  digitalocean,
  docker,
  dynatrace,
  ec2,
  ecs,
  eks,
  elasticbeanstalk,
  env,
  gcp,
  heroku,
  hetzner,
  kubeadm,
  kubernetes_node: kubernetesNode,
  lambda,
  nova,
  openshift,
  oraclecloud,
  scaleway,
  system,
  tencent_cvm: tencentCvm,
  upcloud,
  vultr,
};
