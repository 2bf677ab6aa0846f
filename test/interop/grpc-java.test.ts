/**
 * grpc-java on Netty and the Java SDK's exporter on OkHttp as clients of the collector. Scenarios and guarantees:
 * test/support/grpc-peer-scenarios.ts.
 */
import { foundTool } from '#test/support/found-tool.ts';
import { testGrpcPeer } from '#test/support/grpc-peer-scenarios.ts';

const client = foundTool('MILLRACE_INTEROP_JAVA');

testGrpcPeer({
  name: 'grpc-java',
  // A folder with `classes` and `lib`; flags for a quick start, 16 messages of 3 MB fit.
  command: [
    'java',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Xmx512m',
    '-cp',
    `${client.path}/classes:${client.path}/lib/*`,
    'Client',
  ],
  skip: client.skip,
  sdk: true,
  // grpc-java raises what is shorter.
  minKeepaliveMs: 10_000,
});
