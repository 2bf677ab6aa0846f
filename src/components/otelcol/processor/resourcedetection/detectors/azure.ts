/** Azure virtual machines. */
import { GoRegex } from '#text/regex.ts';
import { azureCompute } from './azure-compute.ts';
import { found, listAt, textAt, type Detector } from './detector.ts';

const TAG_PREFIX = 'azure.tag.';

export const detect: Detector = async ({ env, args }) => {
  const compute = await azureCompute(env);
  const wanted = args.azure.tags.map((pattern) => new GoRegex(pattern));
  const name = textAt(compute, 'name');
  return found(
    {
      'cloud.provider': 'azure',
      'cloud.platform': 'azure.vm',
      // A machine made of a specialized disk has no computer name.
      'host.name': textAt(compute, 'osProfile', 'computerName') || name,
      'host.id': textAt(compute, 'vmId'),
      'cloud.region': textAt(compute, 'location'),
      'cloud.account.id': textAt(compute, 'subscriptionId'),
      'cloud.availability_zone': textAt(compute, 'zone'),
      'azure.vm.name': name,
      'azure.vm.size': textAt(compute, 'vmSize'),
      'azure.vm.scaleset.name': textAt(compute, 'vmScaleSetName'),
      'azure.resourcegroup.name': textAt(compute, 'resourceGroupName'),
    },
    listAt(compute, 'tagsList')
      .map((tag) => [textAt(tag, 'name'), textAt(tag, 'value')] as const)
      .filter(([key]) => wanted.some((regex) => regex.test(key)))
      .map(([key, value]) => [TAG_PREFIX + key, value] as const),
  );
};
