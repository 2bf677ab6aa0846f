/**
 * The yardstick: a gateway as one would write it first. One thread, OTLP decoded into objects by protobufjs, resource entries
 * collected into a batch, encoded again by protobufjs, sent with the ordinary client library: @grpc/grpc-js on both sides, or
 * node:http on both sides. Nothing in it is slow on purpose; it answers its senders when the batch has taken their spans, as
 * the collector does, and holds them back while too many exports are in flight.
 *
 *     node naive.ts grpc|http SINK_PORT none|gzip|zstd [derive]          (started by bench/load with an IPC channel)
 *
 * SIGTERM: stops accepting, flushes, waits for its exports, ends with 0.
 */
import { NaiveGateway } from './naive-gateway.ts';
import { NaiveMetrics } from './naive-metrics.ts';
import { serveNaiveGrpc } from './naive-grpc.ts';
import { serveNaiveHttp } from './naive-http.ts';

const [protocol, sinkPort, compression, derive] = process.argv.slice(2);
const gateway = new NaiveGateway(derive === 'derive' ? new NaiveMetrics() : null);
const variant = await (protocol === 'http' ? serveNaiveHttp : serveNaiveGrpc)(
  gateway,
  Number(sinkPort),
  compression ?? 'none',
);
gateway.connect((request) => variant.export(request));

process.on('SIGTERM', () => {
  void variant.stop().then(async () => {
    await gateway.drain();
    variant.close();
    process.exit(gateway.failures === 0 ? 0 : 1);
  });
});
process.on('disconnect', () => process.exit(1));
process.send?.({ listening: variant.port });
