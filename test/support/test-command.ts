/** `millrace trace-test` without a process, with the components of the product. */
import { Terminal } from '#test/unit/main/cli/terminal.ts';
import { COMPONENTS } from '#components/list.ts';

export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function traceTest(...argv: string[]): Promise<Told> {
  const terminal = new Terminal();
  terminal.components = COMPONENTS;
  const code = await terminal.run('trace-test', ...argv);
  return { code, out: terminal.out, err: terminal.err };
}
