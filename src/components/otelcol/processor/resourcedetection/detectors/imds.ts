/**
 * The metadata service of EC2 instances, version 2: a token is asked for first and shown with every question. An instance that has
 * only version 1 refuses the token and answers without one.
 */
import { MillraceError } from '#shared/errors.ts';
import { noMetadata, orNoMetadata, type Surroundings } from './detector.ts';

const DEFAULT_ENDPOINT = 'http://169.254.169.254';
const TOKEN_SECONDS = 21_600;
const FIRST_WAIT_MS = 100;
/** Answers to the question for a token of a service that has no tokens. */
const NO_TOKENS: readonly number[] = [400, 403, 404, 405];

export interface Retries {
  readonly attempts: number;
  readonly longestWaitMs: number;
}

export class Imds {
  readonly #env: Surroundings;
  readonly #retries: Retries;
  readonly #endpoint: string;
  #token: string | null = null;

  constructor(env: Surroundings, retries: Retries) {
    this.#env = env;
    this.#retries = retries;
    this.#endpoint = (env.variables['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || DEFAULT_ENDPOINT).replace(/\/+$/, '');
  }

  /** Makes sure that the service is there; rejects with `noMetadata`. */
  async open(): Promise<void> {
    if (this.#env.variables['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true')
      throw noMetadata('AWS_EC2_METADATA_DISABLED is set');
    await orNoMetadata(this.metadata('instance-id'));
  }

  /** The text at `/latest/meta-data/PATH`. */
  metadata(path: string): Promise<string> {
    return this.#retried(() => this.#ask(`/latest/meta-data/${path}`));
  }

  /** The identity document: accountId, region, availabilityZone, instanceId, imageId, instanceType. */
  async identity(): Promise<unknown> {
    const text = await this.#retried(() => this.#ask('/latest/dynamic/instance-identity/document'));
    try {
      return JSON.parse(text) as unknown;
    } catch (thrown) {
      throw new MillraceError('metadata_request', 'the instance identity document is not JSON', { cause: thrown });
    }
  }

  async #ask(path: string): Promise<string> {
    this.#token ??= await this.#newToken();
    const headers: Record<string, string> = this.#token === '' ? {} : { 'x-aws-ec2-metadata-token': this.#token };
    return this.#env.http.text(`${this.#endpoint}${path}`, { headers });
  }

  /** '' = the service has none. */
  async #newToken(): Promise<string> {
    const url = `${this.#endpoint}/latest/api/token`;
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) };
    const { status, body } = await this.#env.http.answer(url, { method: 'PUT', headers });
    if (NO_TOKENS.includes(status)) return '';
    if (status !== 200) throw new MillraceError('metadata_request', `PUT ${url}: the answer is ${status}, not 200`);
    return body.toString('utf8').trim();
  }

  async #retried(ask: () => Promise<string>): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (thrown) {
        if (attempt >= this.#retries.attempts) throw thrown;
        await this.#env.pause(Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), this.#retries.longestWaitMs));
      }
    }
  }
}
