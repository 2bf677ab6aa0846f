/** The metadata service of Azure's virtual machines, on which AKS runs, too. */
import { orNoMetadata, type Surroundings } from './detector.ts';

const URL_OF_COMPUTE = 'http://169.254.169.254/metadata/instance/compute?api-version=2020-09-01&format=json';

export const azureCompute = ({ http }: Surroundings): Promise<unknown> =>
  orNoMetadata(http.json(URL_OF_COMPUTE, { headers: { metadata: 'true' } }));
