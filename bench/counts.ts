/** The options of a small benchmark: whole numbers above zero that have defaults, and `--json`. */
import { parseArgs } from 'node:util';

type Counts<N extends string> = Readonly<Record<N, number>> & { readonly json: boolean };

/** Whatever else stands on the command line ends the process with how it is called. */
export function readCounts<N extends string>(command: string, defaults: Readonly<Record<N, number>>): Counts<N> {
  const names = Object.keys(defaults) as N[];
  const usage = `usage: ${command} ${names.map((name) => `[--${name} ${defaults[name]}] `).join('')}[--json]\n`;
  if (process.argv.includes('--help')) {
    process.stdout.write(usage);
    process.exit(0);
  }
  const end = (problem: string): never => {
    process.stderr.write(`${problem}\n${usage}`);
    process.exit(2);
  };
  try {
    const text = names.map((name) => [name, { type: 'string', default: String(defaults[name]) }] as const);
    const { values } = parseArgs({
      options: { ...Object.fromEntries(text), json: { type: 'boolean', default: false } },
    });
    const counts = names.map((name) => {
      const count = Number((values as Readonly<Record<N, string>>)[name]);
      return [name, Number.isInteger(count) && count > 0 ? count : end(`--${name} is a whole number above zero`)];
    });
    return { ...Object.fromEntries(counts), json: values.json } as Counts<N>;
  } catch (thrown) {
    return end((thrown as Error).message);
  }
}
