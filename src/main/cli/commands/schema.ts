/** `millrace schema`: JSON Schema of the Collector YAML that this build runs, for editors. */
import { jsonSchema } from '#config/convert/json-schema.ts';
import type { Command } from '../command.ts';
import { HELP } from '../flags.ts';
import { EXIT } from '../host.ts';

export const schema: Command = {
  name: 'schema',
  usage: 'millrace schema',
  summary:
    'Print the JSON Schema of Collector YAML with the components of this build.\nFor editors: # yaml-language-server: $schema=millrace.schema.json',
  flags: [HELP],
  positionals: { min: 0, max: 0 },
  run: (_args, { made, host }) => {
    host.stdout(`${JSON.stringify(jsonSchema(made.components.values()), null, 2)}\n`);
    return Promise.resolve(EXIT.ok);
  },
};
