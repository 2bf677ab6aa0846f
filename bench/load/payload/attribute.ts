/** Attributes in the form that the encoder of payloads takes. */
export interface Attribute {
  readonly key: string;
  readonly value: { readonly [kind: string]: unknown };
}

export const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
export const int = (key: string, value: number): Attribute => ({ key, value: { intValue: value } });
