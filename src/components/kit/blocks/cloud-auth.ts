/**
 * Blocks by which clouds are told who a client is (`sigv4`, `azuread`, `google_iam`), as grafana/alloy has them. They are here so that a
 * configuration with them is understood; none of these ways is available yet, and writing one is an error that says so.
 */
import { attr, block, body, type BodySchema, type Shape } from '#config/schema/schema.ts';
import { bool, oneOf, secret, string } from '#config/schema/types.ts';

const id = attr(string, { required: true, doc: 'Id of the client.' });
const tenant = attr(string, { required: true, doc: 'Id of the tenant.' });

export const sigv4Block = body({
  access_key: attr(string, { doc: 'AWS access key.' }),
  external_id: attr(string, { doc: 'External id for the role.' }),
  profile: attr(string, { doc: 'Named AWS profile.' }),
  region: attr(string, { doc: 'AWS region.' }),
  role_arn: attr(string, { doc: 'AWS role.' }),
  secret_key: attr(secret, { doc: 'AWS secret key.' }),
  service_name: attr(string, { default: 'aps', doc: 'AWS service.' }),
  use_fips_sts_endpoint: attr(bool, { default: false, doc: 'Use the FIPS endpoint of STS.' }),
});

export const azureadBlock = body({
  cloud: attr(oneOf('AzurePublic', 'AzureChina', 'AzureGovernment'), { default: 'AzurePublic', doc: 'Azure cloud.' }),
  scope: attr(string, { default: '', doc: 'Scope to ask for.' }),
  managed_identity: block(body({ client_id: id }), { optional: true, doc: 'Azure managed identity.' }),
  oauth: block(
    body({
      client_id: id,
      client_secret: attr(secret, { required: true, doc: 'Secret of the client.' }),
      tenant_id: tenant,
    }),
    { optional: true, doc: 'Azure OAuth.' },
  ),
  sdk: block(body({ tenant_id: tenant }), { optional: true, doc: 'Azure SDK.' }),
  workload_identity: block(
    body({
      client_id: id,
      tenant_id: tenant,
      token_file_path: attr(string, {
        default: '/var/run/secrets/azure/tokens/azure-identity-token',
        doc: 'File with the token.',
      }),
    }),
    { optional: true, doc: 'Azure workload identity.' },
  ),
});

export const googleIamBlock = body({
  credentials_file: attr(string, { doc: 'File with the credentials.' }),
});

const notYet = <S extends Shape>(schema: BodySchema<S>, doc: string) =>
  block(schema, { optional: true, doc: `${doc} Not available yet.` });

export const cloudAuthBlocks = {
  sigv4: notYet(sigv4Block, 'Signs requests for AWS.'),
  azuread: notYet(azureadBlock, 'Tokens of Microsoft Entra ID.'),
  google_iam: notYet(googleIamBlock, 'Tokens of Google IAM.'),
} as const;

type CloudAuth = keyof typeof cloudAuthBlocks;
const NAMES = Object.keys(cloudAuthBlocks) as CloudAuth[];

export function checkCloudAuth(
  args: Readonly<Partial<Record<CloudAuth, unknown>>>,
  error: (key: CloudAuth, message: string) => void,
): void {
  for (const key of NAMES)
    if (args[key] !== undefined)
      error(key, `${key} is not available yet; use basic_auth, authorization, oauth2 or a proxy that signs`);
}
