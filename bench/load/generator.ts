/** The generator process. Started by `round.ts` with its settings as one JSON argument; says `ready` when it has its payloads. */
import { ClosedLoop } from './closed-loop.ts';
import type { GeneratorAnswers, GeneratorQuestion, GeneratorSettings } from './messages.ts';
import { answerParent, tellParent } from './peer-child.ts';
import { GrpcSender } from './sender-grpc.ts';
import { HttpSender } from './sender-http.ts';
import { readWorkload } from './workload.ts';

const settings = JSON.parse(process.argv[2] ?? '') as GeneratorSettings;
const sender =
  settings.protocol === 'grpc'
    ? new GrpcSender(settings.port, settings.compression, settings.inFlight)
    : new HttpSender(settings.port, settings.compression);
const loop = new ClosedLoop(
  readWorkload(settings.workloadFile),
  sender,
  settings.compression,
  settings.inFlight,
  settings.rate,
);

answerParent<GeneratorQuestion, GeneratorAnswers>(async (question) => {
  switch (question.ask) {
    case 'start':
      loop.start();
      return { started: true };
    case 'open':
      loop.openWindow();
      return { opened: true };
    case 'close':
      return { window: loop.closeWindow() };
    case 'stop':
      await loop.stop();
      sender.close();
      return { totals: loop.totals, accepted: loop.accepted };
  }
});
tellParent({ ready: true });
