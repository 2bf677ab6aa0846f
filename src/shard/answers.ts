/** Reads one worker's ring of answers and hands them to the request table. One per worker in each thread that accepts. */
import type { RingReader } from '#shared/ring.ts';
import type { RequestTable } from './requests.ts';

/** Starts reading; runs until `stop()`, which first takes what still lies in the ring. */
export function readAnswers(answers: RingReader, worker: number, requests: RequestTable): { stop(): void } {
  let running = true;
  const drain = (): void => {
    while (answers.peek()) {
      const word = answers.offset >> 2;
      const slot = answers.words[word];
      const outcome = answers.words[word + 1];
      answers.release();
      requests.answer(slot, worker, outcome);
    }
  };
  void (async () => {
    while (running) {
      drain();
      await answers.sleep();
    }
  })();
  return {
    stop() {
      running = false;
      drain();
      answers.ring();
    },
  };
}
