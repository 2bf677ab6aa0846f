/** grpc-go and the Go SDK's exporter as clients of the collector. Scenarios and guarantees: test/support/grpc-peer-scenarios.ts. */
import { foundTool } from '#test/support/found-tool.ts';
import { testGrpcPeer } from '#test/support/grpc-peer-scenarios.ts';

const client = foundTool('MILLRACE_INTEROP_GO');

testGrpcPeer({
  name: 'grpc-go',
  command: [client.path],
  skip: client.skip,
  sdk: true,
  // grpc-go raises what is shorter.
  minKeepaliveMs: 10_000,
});
