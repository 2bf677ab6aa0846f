/** Reads one worker's ring of answers and hands them to the request table. One per worker in each thread that accepts. */
import type { RingReader } from '#shared/ring.ts';
import type { RequestTable } from './requests.ts';
import type { Turn } from './turn.ts';

/** Starts reading, at the end of each `turn` and when the worker rings; runs until `stop()`, which first takes what still lies in the ring. */
export function readAnswers(answers: RingReader, worker: number, requests: RequestTable, turn: Turn): { stop(): void } {
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
  const source = { ring: answers, drain };
  turn.add(source);
  void (async () => {
    while (running) {
      drain();
      await answers.sleep();
    }
  })();
  return {
    stop() {
      running = false;
      turn.remove(source);
      drain();
      answers.ring();
    },
  };
}
