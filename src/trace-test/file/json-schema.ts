/** The part of JSON Schema (draft 2020-12) that describes test files, and that {@link check} goes by. */
export type JsonType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';

export interface Schema {
  readonly $ref?: string;
  /** What is expected, as messages say it: `a duration such as 5s`. */
  readonly title?: string;
  readonly description?: string;
  readonly type?: JsonType;
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  /** The first one that fits the type. */
  readonly anyOf?: readonly Schema[];
  readonly default?: string | number | boolean;
}

export interface RootSchema extends Schema {
  readonly $schema: string;
  readonly $defs: Readonly<Record<string, Schema>>;
}

export const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
