/** Who is told how evaluations of the configuration go. One observer for each evaluation. */
export interface EvaluationObserver {
  /** The evaluation of a node begins; what is returned is called at its end. */
  node(id: string): () => void;
  /** Everything is evaluated; what follows is bringing it into force. */
  evaluated(): void;
  /** `problem`: why the configuration is not in force; null when it is. Called once, last. */
  ended(problem: string | null): void;
}

const noop = (): void => {};

export const NOBODY: EvaluationObserver = { node: () => noop, evaluated: noop, ended: noop };
