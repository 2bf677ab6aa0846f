/** The child's side of `child.ts`: answers its parent's questions, ends when the parent is gone. */

/** `Q`: the questions, told apart by `ask`. `A`: the answers, by the same word. */
export function answerParent<Q extends { readonly ask: keyof A }, A>(
  answer: (question: Q) => A[Q['ask']] | Promise<A[Q['ask']]>,
): void {
  let last: Promise<unknown> = Promise.resolve();
  process.on('message', (question: Q) => {
    last = last.then(async () => tellParent((await answer(question)) as object));
  });
  process.on('disconnect', () => process.exit(0));
}

export function tellParent(message: object): void {
  if (process.send === undefined) throw new Error('this script is started by bench/load/main.ts');
  process.send(message);
}
