/** What `run --dry-run` says about a configuration that could run. */
import { destinationsOf, listenersOf } from '../graph/endpoints.ts';
import type { Graph } from '../graph/graph.ts';
import type { RunSettings } from './settings.ts';

/** `name`: the configuration, as messages call it. Ends with a newline. */
export function dryRunText(
  name: string,
  graph: Graph,
  { listenAddr, workers, ingestThreads }: Pick<RunSettings, 'listenAddr' | 'workers' | 'ingestThreads'>,
): string {
  const { nodes, modules } = graph;
  const accepting = ingestThreads === 0 ? 'the main thread accepts' : `${ingestThreads} threads accept`;
  return [
    `${name} would run: ${count(nodes.length, 'component')}, ${count(workers, 'worker')}, ${accepting}.`,
    ...section(
      'Components, sinks first:',
      nodes.map(({ id, references }) => (references.length === 0 ? id : `${id} -> ${references.join(', ')}`)),
    ),
    ...section(
      'Modules:',
      modules.map(({ id, name }) => `${id} (${name})`),
    ),
    ...section('Would listen on:', [
      `${listenAddr} (admin server)`,
      ...listenersOf(graph).map(({ id, endpoint }) => `${endpoint} (${id})`),
    ]),
    ...section(
      'Would send to:',
      destinationsOf(graph).map(({ id, endpoint }) => `${endpoint} (${id})`),
    ),
    '',
  ].join('\n');
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading, ...lines.map((line) => `  ${line}`)];
}
