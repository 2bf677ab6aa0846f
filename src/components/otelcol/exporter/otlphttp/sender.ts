/** One attempt to hand a batch to an OTLP/HTTP server. */
import { joined, type SendRequest } from '#components/kit/exporter/request.ts';
import type { Sender, SendResult } from '#components/kit/exporter/sender.ts';
import type { LimitedLog } from '#components/kit/limited-log.ts';
import { protoToJson } from '#codec/otlp/json/write.ts';
import { compress } from '#net/compression/compress.ts';
import type { HttpClient } from '#net/client/http.ts';
import type { HttpResult } from '#net/client/http-exchange.ts';
import type { Clock } from '#shared/clock.ts';
import { errorText } from '#shared/errors.ts';
import { GRPC } from '#shared/outcome.ts';
import { SIGNAL_NAMES } from '#shared/signal.ts';
import { meaning, remark } from './answer.ts';
import type { Args } from './schema.ts';
import type { Routing } from './settings.ts';

export class OtlpHttpSender implements Sender {
  readonly #client: HttpClient;
  readonly #routing: Routing;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #args: Args;
  readonly #log: LimitedLog;
  readonly #clock: Clock;

  /** The client stays the caller's to close. */
  constructor(client: HttpClient, args: Args, routing: Routing, log: LimitedLog, clock: Clock) {
    const { compression } = args.client;
    this.#client = client;
    this.#routing = routing;
    this.#headers =
      compression === '' || compression === 'none'
        ? routing.headers
        : { ...routing.headers, 'content-encoding': compression };
    this.#args = args;
    this.#log = log;
    this.#clock = clock;
  }

  async send(request: SendRequest): Promise<SendResult> {
    const to = this.#routing.destinations[request.signal] ?? null;
    const name = SIGNAL_NAMES[request.signal];
    if (to === null)
      return {
        kind: 'permanent',
        grpcCode: GRPC.UNIMPLEMENTED,
        message: `neither client.endpoint nor ${name}_endpoint is set`,
      };
    let body: readonly Buffer[];
    try {
      body = this.#encode(request);
    } catch (error) {
      return { kind: 'permanent', grpcCode: GRPC.INTERNAL, message: `the data cannot be encoded: ${errorText(error)}` };
    }
    const result = await this.#client.post(to, this.#headers, body, this.#args.client.timeout);
    const sent = meaning(result, body !== request.parts, this.#clock.now());
    if (sent.kind === 'ok') this.#remark(name, result);
    return sent;
  }

  /** The parts themselves where they go out as they are. */
  #encode({ signal, parts }: SendRequest): readonly Buffer[] {
    const { compression, compression_params } = this.#args.client;
    const json = this.#args.encoding === 'json';
    if (!json && (compression === '' || compression === 'none')) return parts;
    const message = json ? Buffer.from(protoToJson(signal, joined(parts))) : joined(parts);
    return [compress(compression, message, compression_params?.level)];
  }

  /** The server has the data whatever it says beside: a remark is logged, nothing is sent again. */
  #remark(signal: string, result: HttpResult): void {
    if (result.kind !== 'response') return;
    const partial = remark(result);
    if (partial === null)
      this.#log.event('warn', 'the destination took the data, but its response cannot be read', 0, { signal });
    else if (partial.rejected !== 0 || partial.message !== '') {
      this.#log.event('warn', 'the destination took the data only in part', partial.rejected, {
        signal,
        dropped: partial.rejected,
        message: partial.message,
      });
    }
  }
}
