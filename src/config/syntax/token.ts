/**
 * The words of the language. A kind is named as Alloy's messages name it: operators by themselves, everything else in
 * capitals.
 */
export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '^';
export type UnaryOperator = '!' | '-';
export type Punctuation = '=' | '{' | '}' | '(' | ')' | '[' | ']' | ',' | '.';
export type LiteralKind = 'NUMBER' | 'FLOAT' | 'STRING' | 'BOOL' | 'NULL';
export type TokenKind =
  'EOF' | 'ILLEGAL' | 'TERMINATOR' | 'IDENT' | LiteralKind | BinaryOperator | UnaryOperator | Punctuation;

/** 0 for everything that is not a binary operator. `^` binds tightest, and to the right. */
export function binaryPrecedence(kind: TokenKind): number {
  switch (kind) {
    case '||':
      return 1;
    case '&&':
      return 2;
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return 3;
    case '+':
    case '-':
      return 4;
    case '*':
    case '/':
    case '%':
      return 5;
    case '^':
      return 6;
    default:
      return 0;
  }
}

/** Whether a statement may end at a newline that follows this token. */
export function endsStatement(kind: TokenKind): boolean {
  switch (kind) {
    case 'IDENT':
    case 'NUMBER':
    case 'FLOAT':
    case 'STRING':
    case 'BOOL':
    case 'NULL':
    case 'ILLEGAL':
    case '}':
    case ')':
    case ']':
      return true;
    default:
      return false;
  }
}
