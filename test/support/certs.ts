/**
 * Certificates made at test time: ECDSA P-256, signed by an authority of the test's own. node:crypto cannot issue
 * certificates, so the DER (X.690) of an X.509 v3 certificate (RFC 5280) is written here.
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

const SEQUENCE = 0x30;
const SET = 0x31;

function der(tag: number, ...parts: readonly (Buffer | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = content.length;
  const header =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(header), content]);
}

const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ECDSA_SHA256 = der(SEQUENCE, oid('2a8648ce3d040302'));
const name = (common: string): Buffer =>
  der(SEQUENCE, der(SET, der(SEQUENCE, oid('550403'), der(0x0c, Buffer.from(common)))));
const time = (at: Date): Buffer => der(0x18, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, '')));
const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  der(SEQUENCE, oid(id), ...(critical ? [der(0x01, [0xff])] : []), der(0x04, value));

function pem(label: string, bytes: Buffer): string {
  return `-----BEGIN ${label}-----\n${(bytes.toString('base64').match(/.{1,64}/g) as string[]).join('\n')}\n-----END ${label}-----\n`;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export class CertificateAuthority {
  readonly #name: string;
  readonly #key: KeyObject;
  /** PEM of the authority itself. */
  readonly cert: string;

  constructor(common = 'millrace test authority') {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#name = common;
    this.#key = pair.privateKey;
    const constraints = extension('551d13', true, der(SEQUENCE, der(0x01, [0xff])));
    const usage = extension('551d0f', true, der(0x03, [0x01, 0x06]));
    this.cert = pem('CERTIFICATE', this.#signed(common, pair.publicKey, [constraints, usage]));
  }

  /** A certificate for 127.0.0.1 and localhost, good for servers and clients. */
  issue(common = 'localhost'): Certificate {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const names = extension(
      '551d11',
      false,
      der(SEQUENCE, der(0x82, Buffer.from('localhost')), der(0x87, [127, 0, 0, 1])),
    );
    return {
      cert: pem('CERTIFICATE', this.#signed(common, publicKey, [names])),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
  }

  #signed(subject: string, publicKey: KeyObject, extensions: readonly Buffer[]): Buffer {
    const day = 86_400_000;
    const now = Date.now();
    const serial = randomBytes(8);
    serial[0] = (serial[0] & 0x7f) | 0x01;
    const body = der(
      SEQUENCE,
      der(0xa0, der(0x02, [2])),
      der(0x02, serial),
      ECDSA_SHA256,
      name(this.#name),
      der(SEQUENCE, time(new Date(now - day)), time(new Date(now + day))),
      name(subject),
      publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, der(SEQUENCE, ...extensions)),
    );
    const signature = sign('sha256', body, this.#key);
    return der(SEQUENCE, body, ECDSA_SHA256, der(0x03, [0], signature));
  }
}
