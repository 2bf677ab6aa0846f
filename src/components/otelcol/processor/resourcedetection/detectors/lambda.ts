/** AWS Lambda: the environment of a function. */
import { found, noMetadata, type Detector } from './detector.ts';

export const detect: Detector = async ({ env: { variables } }) => {
  const name = variables['AWS_LAMBDA_FUNCTION_NAME'] ?? '';
  if (name === '') throw noMetadata('AWS_LAMBDA_FUNCTION_NAME is not set');
  const group = variables['AWS_LAMBDA_LOG_GROUP_NAME'];
  const stream = variables['AWS_LAMBDA_LOG_STREAM_NAME'];
  return found({
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_lambda',
    'cloud.region': variables['AWS_REGION'],
    'faas.name': name,
    'faas.version': variables['AWS_LAMBDA_FUNCTION_VERSION'],
    'faas.instance': stream,
    // Megabytes, as text, as the Collector has it.
    'faas.max_memory': variables['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    'aws.log.group.names': group === undefined ? [] : [group],
    'aws.log.stream.names': stream === undefined ? [] : [stream],
  });
};
