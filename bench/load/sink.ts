/**
 * The sink process: counts spans as they arrive and judges them at the end. Started by `peer.ts` with the workload file as
 * its argument; says `listening` when it does.
 */
import { Ledger } from './ledger.ts';
import { answerParent, tellParent } from './peer-child.ts';
import { serveSink } from './sink-server.ts';
import type { SinkAnswers, SinkQuestion } from './messages.ts';
import { readWorkload } from './workload.ts';

const [workloadFile] = process.argv.slice(2);
if (workloadFile === undefined) throw new Error('usage: sink.ts WORKLOAD_FILE');

const ledger = new Ledger(readWorkload(workloadFile));
let broken: string | null = null;
const server = await serveSink(
  (bytes, start, end) => ledger.take(bytes, start, end),
  (reason) => (broken ??= reason.message),
);

answerParent<SinkQuestion, SinkAnswers>((question) => {
  switch (question.ask) {
    case 'received':
      return { received: ledger.received };
    case 'verdict':
      return { verdict: ledger.verdict(question.accepted), broken };
  }
});
tellParent({ listening: server.port });
