/** An HTTP server that records what is pushed to it, and answers as a test tells it. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface Pushed {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface PushAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** null: no answer, ever. */
type Answer = PushAnswer | null;

export class PushSink {
  readonly url: string;
  /** In the order in which they had come in whole. */
  readonly requests: Pushed[] = [];
  answer: (request: Pushed, index: number) => Answer | Promise<Answer> = () => ({ status: 204 });

  constructor(url: string) {
    this.url = url;
  }

  async take(request: Pushed, response: ServerResponse): Promise<void> {
    const index = this.requests.push(request) - 1;
    const answer = await this.answer(request, index);
    if (answer !== null) response.writeHead(answer.status, answer.headers).end(answer.body);
  }
}

export async function startPushSink(t: TestContext): Promise<PushSink> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void sink.take({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sink = new PushSink(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return sink;
}

/** Lets I/O go on until something is so. A test that waits in vain is ended by its runner. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
