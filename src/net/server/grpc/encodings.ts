/** Compression of gRPC messages (grpc/doc/compression.md). */

/** gRPC's names for what `inflate` knows: "snappy" is the framed format, "deflate" zlib's. */
const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
  ['snappy', 'x-snappy-framed'],
]);

export const ACCEPT_ENCODING = ['identity', ...ENCODINGS.keys()].join(',');

/** The name that `inflate` has for a grpc-encoding; one that it does not know for others. */
export function inflateName(encoding: string): string {
  return ENCODINGS.get(encoding) ?? `${encoding} (gRPC)`;
}
