/**
 * grpcio (the C core) and the Python SDK's exporter as clients of the collector. Scenarios and guarantees:
 * test/support/grpc-peer-scenarios.ts.
 */
import { join } from 'node:path';
import { foundTool } from '#test/support/found-tool.ts';
import { testGrpcPeer } from '#test/support/grpc-peer-scenarios.ts';

const python = foundTool('MILLRACE_INTEROP_PYTHON');

testGrpcPeer({
  name: 'grpcio',
  command: [python.path, join(import.meta.dirname, 'clients/python/client.py')],
  skip: python.skip,
  sdk: true,
  minKeepaliveMs: 0,
});
