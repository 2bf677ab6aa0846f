/** grpc-js as a client of the collector, in a process of its own. Scenarios and guarantees: test/support/grpc-peer-scenarios.ts. */
import { NODE_PEER } from '#test/support/grpc-peer.ts';
import { testGrpcPeer } from '#test/support/grpc-peer-scenarios.ts';

testGrpcPeer({ name: 'grpc-js', command: NODE_PEER, skip: false, sdk: false, minKeepaliveMs: 0 });
