/** The door to the `yaml` package. */
export { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
export type { Document, ParsedNode, Range, YAMLError } from 'yaml';
