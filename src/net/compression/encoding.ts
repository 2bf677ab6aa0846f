/**
 * The compressions that HTTP's Content-Encoding and gRPC's grpc-encoding name.
 *
 *     gzip             RFC 1952, several members allowed
 *     zlib, deflate    RFC 1950; "deflate" is the zlib format in HTTP (RFC 9110, 8.4.1.2)
 *     zstd             RFC 8878, several frames allowed
 *     lz4              LZ4 frame format 1.6
 *     snappy           Snappy block format in HTTP. Inflating also takes the framed format, which older Collectors sent
 *                      under this name (Collector config/confighttp/compression.go)
 *     x-snappy-framed  Snappy framing format. gRPC peers of the Collector call this one "snappy"
 *                      (mostynb/go-grpc-compression, which config/configgrpc registers): a gRPC client compresses with
 *                      'x-snappy-framed' and says 'snappy' on the wire
 */
export const ENCODINGS = ['gzip', 'zlib', 'deflate', 'zstd', 'lz4', 'snappy', 'x-snappy-framed'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export function isEncoding(name: string): name is Encoding {
  return (ENCODINGS as readonly string[]).includes(name);
}
