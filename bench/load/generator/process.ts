/** The generator process. Started with its settings as one JSON argument; says `ready` when it has its payloads. */
import type { GeneratorAnswers, GeneratorQuestion, GeneratorSettings } from '../messages.ts';
import { readWorkload } from '../payload/workload.ts';
import { answerParent, tellParent } from '../process/parent.ts';
import { GrpcSender } from './grpc-sender.ts';
import { HttpSender } from './http-sender.ts';
import { LoadLoop } from './load-loop.ts';

const settings = JSON.parse(process.argv[2] ?? '') as GeneratorSettings;
const { port, compression, connections, inFlight } = settings;
const sender =
  settings.protocol === 'grpc'
    ? new GrpcSender(port, compression, connections)
    : new HttpSender(port, compression, connections);
const loop = new LoadLoop(readWorkload(settings.workloadFile), sender, compression, inFlight);

answerParent<GeneratorQuestion, GeneratorAnswers>(async (question) => {
  switch (question.ask) {
    case 'load':
      loop.run(question.load);
      return { loaded: true };
    case 'open':
      loop.openWindow();
      return { opened: true };
    case 'slice':
      return { slice: loop.slice() };
    case 'close':
      return { window: loop.closeWindow() };
    case 'stop':
      await loop.stop();
      sender.close();
      return { totals: loop.totals, accepted: loop.accepted };
  }
});
tellParent({ ready: true });
