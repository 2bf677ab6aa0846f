/**
 * Tokens of OTTL. Facts: Collector contrib `pkg/ottl/grammar.go`; signs are operators here, which read as one with a number.
 *
 *     bytes    0x00ff                   string  "..." with Go's escapes
 *     float    1.5  .5  1.5e3           int     123
 *     name     any word; which words are keywords depends on where they stand
 *     mark     == != >= <= > < = + - * / ( ) { } [ ] : , .
 */
export type TokenKind = 'bytes' | 'float' | 'int' | 'string' | 'name' | 'mark' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string what it means. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}
