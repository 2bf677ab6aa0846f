/**
 * The sink process: counts spans as they arrive and judges them at the end. Started with its settings as one JSON argument;
 * says `listening` when it does.
 */
import type { SinkAnswers, SinkQuestion, SinkSettings } from '../messages.ts';
import { readWorkload } from '../payload/workload.ts';
import { answerParent, tellParent } from '../process/parent.ts';
import { RepeatedArrivals, UniqueArrivals } from './arrivals.ts';
import { Ledger } from './ledger.ts';
import { Pace } from './pace.ts';
import { serveSink } from './server.ts';

const settings = JSON.parse(process.argv[2] ?? '') as SinkSettings;
const workload = readWorkload(settings.workloadFile);
const ledger = new Ledger(
  workload,
  settings.repeatedNumbers > 0
    ? new RepeatedArrivals(workload.spansPerRequest, settings.repeatedNumbers)
    : new UniqueArrivals(workload.spansPerRequest),
);
const pace = new Pace();
let broken: string | null = null;
const server = await serveSink(
  (bytes, start, end) => pace.waitMs(ledger.take(bytes, start, end), performance.now()),
  (reason) => (broken ??= reason.message),
);
let open = true;

answerParent<SinkQuestion, SinkAnswers>(async (question) => {
  switch (question.ask) {
    case 'received':
      return { received: ledger.received };
    case 'behave':
      pace.behave(question.behaviour);
      if (open && !question.behaviour.open) await server.close();
      if (!open && question.behaviour.open) await server.reopen();
      open = question.behaviour.open;
      return { behaving: true };
    case 'verdict':
      return { verdict: ledger.verdict(question.accepted), broken };
  }
});
tellParent({ listening: server.port });
