/** A gRPC client in a few lines of node:http2, for encodings and mistakes that grpc-js cannot send. */
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientSessionOptions,
  type SecureClientSessionOptions,
} from 'node:http2';

export interface RawReply {
  readonly status: number;
  readonly message: string;
  readonly acceptEncoding: string;
  readonly details: Buffer | null;
  readonly body: Buffer;
}

export function rawSession(
  address: string,
  options: ClientSessionOptions | SecureClientSessionOptions = {},
  scheme = 'http',
): ClientHttp2Session {
  const session = connect(`${scheme}://${address}`, options);
  session.on('error', () => {}); // each call reports it
  return session;
}

/** One unary call. `flag` is the compressed flag; '' as encoding sends no grpc-encoding. */
export function rawCall(
  session: ClientHttp2Session,
  path: string,
  message: Buffer,
  encoding = '',
  flag = encoding === '' ? 0 : 1,
  extra: Record<string, string> = {},
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(encoding === '' ? {} : { 'grpc-encoding': encoding }),
      ...extra,
    });
    let head: Record<string, unknown> = {};
    let trailers: Record<string, unknown> = {};
    const parts: Buffer[] = [];
    stream.on('response', (headers) => (head = headers));
    stream.on('trailers', (headers) => (trailers = headers));
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', (error: Error) => {
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || head['grpc-status'] === undefined) reject(error);
    });
    stream.on('close', () => {
      const all = { ...head, ...trailers };
      if (all['grpc-status'] === undefined) return reject(new Error(`no grpc-status, HTTP ${String(head[':status'])}`));
      const bin = all['grpc-status-details-bin'] as string | undefined;
      resolve({
        status: Number(all['grpc-status']),
        message: decodeURIComponent(String(all['grpc-message'] ?? '')),
        acceptEncoding: String(all['grpc-accept-encoding'] ?? ''),
        details: bin === undefined ? null : Buffer.from(bin, 'base64'),
        body: Buffer.concat(parts),
      });
    });
    const frame = Buffer.alloc(5);
    frame[0] = flag;
    frame.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([frame, message]));
  });
}
