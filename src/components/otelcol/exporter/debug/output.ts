/** Where text goes that does not go through the log: standard streams and files, with backpressure. */
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { errorText, MillraceError } from '#shared/errors.ts';

/** Worker thread. A stream that fails later is reported once and discards from then on. */
export class Output {
  readonly #stream: Writable;
  /** Files are closed by {@link close}; standard streams belong to the process. */
  readonly #own: boolean;
  readonly #onError: (error: Error) => void;
  #failed = false;

  constructor(stream: Writable, own: boolean, failed: (error: Error) => void) {
    this.#stream = stream;
    this.#own = own;
    this.#onError = (error) => {
      if (!this.#failed) failed(error);
      this.#failed = true;
    };
    stream.on('error', this.#onError);
  }

  /** Writes; a promise when whoever writes should wait until the reader has caught up. */
  write(text: string): Promise<void> | null {
    if (this.#failed || this.#stream.write(text)) return null;
    return this.flushed();
  }

  /** Resolves when all that was written has left the thread. */
  flushed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#failed) resolve();
      else this.#stream.write('', () => resolve());
    });
  }

  async close(): Promise<void> {
    await this.flushed();
    if (this.#own && !this.#failed) await new Promise<void>((resolve) => this.#stream.end(resolve));
    this.#stream.off('error', this.#onError);
  }
}

/** `stdout`, `stderr`, or a file that is appended to. Rejects with a MillraceError that names a file which cannot be opened. */
export async function openOutput(path: string, componentId: string, failed: (error: Error) => void): Promise<Output> {
  if (path === 'stdout') return new Output(process.stdout, false, failed);
  if (path === 'stderr') return new Output(process.stderr, false, failed);
  try {
    const file = await open(path, 'a');
    return new Output(file.createWriteStream(), true, failed);
  } catch (thrown) {
    throw new MillraceError(
      'output_path',
      `${componentId}: cannot open ${path} of output_paths: ${errorText(thrown)}`,
      { cause: thrown },
    );
  }
}
