/**
 * What workers hand over to merge parts, as far as it begins with a worker: that there is much of it, and that there will be no
 * more because the collector comes to its end.
 */
import type { HandOverListener } from './fleet.ts';

/** Whom an answer goes to. */
interface Worker {
  finished(nodeId: string): void;
}

export class HandOvers {
  readonly #workers: () => readonly Worker[];
  #listener: HandOverListener | null = null;
  /** By node: the workers in which its part has stopped. */
  readonly #finishing = new Map<string, Set<Worker>>();

  /** `workers`: those that live. */
  constructor(workers: () => readonly Worker[]) {
    this.#workers = workers;
  }

  listen(listener: HandOverListener): void {
    this.#listener = listener;
  }

  due(nodeId: string): void {
    this.#listener?.due(nodeId);
  }

  finishing(worker: Worker | null, nodeId: string): void {
    if (worker === null) return;
    const stopped = this.#finishing.get(nodeId) ?? new Set();
    this.#finishing.set(nodeId, stopped.add(worker));
    this.look();
  }

  /** A part has stopped, or a worker is gone: nodes whose parts have all stopped are passed on. */
  look(): void {
    const workers = this.#workers();
    for (const [nodeId, stopped] of this.#finishing) {
      if (!workers.every((worker) => stopped.has(worker))) continue;
      this.#finishing.delete(nodeId);
      const passedOn = this.#listener?.finishing(nodeId) ?? Promise.resolve();
      void passedOn.then(() => {
        for (const worker of stopped) worker.finished(nodeId);
      });
    }
  }
}
