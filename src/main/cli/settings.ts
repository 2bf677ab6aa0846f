/** Parsed flags as the settings of a command, with their types. */
import type { Stability, MainContext } from '#components/kit/component.ts';
import type { ParsedArgs } from './args.ts';

export interface ConfigSettings {
  readonly format: string;
  readonly bypassConversionErrors: boolean;
  readonly extraArgs: string;
  readonly stability: Stability;
}

export interface RunSettings extends ConfigSettings {
  /** Empty: the default configuration. Several: Collector YAML that is merged. */
  readonly paths: readonly string[];
  /** `--set`: values that override those of the YAML. */
  readonly overrides: readonly string[];
  readonly dryRun: boolean;
  readonly listenAddr: string;
  readonly uiPathPrefix: string;
  readonly workers: number;
  /** 0: main accepts. */
  readonly ingestThreads: number;
  readonly ringBytes: number;
  readonly receiveBytes: number;
  readonly httpDriver: MainContext['flags']['httpDriver'];
  readonly shutdownDeadlineMs: number;
  /** Flags that were set and have no effect. */
  readonly inertFlags: readonly string[];
}

export function configSettings({ values }: ParsedArgs): ConfigSettings {
  return {
    format: values.get('config.format') as string,
    bypassConversionErrors: values.get('config.bypass-conversion-errors') as boolean,
    extraArgs: values.get('config.extra-args') as string,
    stability: values.get('stability.level') as Stability,
  };
}

export function runSettings(args: ParsedArgs): RunSettings {
  const { values, positionals, inert } = args;
  return {
    ...configSettings(args),
    paths: positionals,
    overrides: [],
    dryRun: values.get('dry-run') === true,
    listenAddr: values.get('server.http.listen-addr') as string,
    uiPathPrefix: values.get('server.http.ui-path-prefix') as string,
    workers: values.get('workers') as number,
    ingestThreads: values.get('ingest-threads') as number,
    ringBytes: values.get('ring.size') as number,
    receiveBytes: values.get('receive.size') as number,
    httpDriver: values.get('http.driver') as RunSettings['httpDriver'],
    shutdownDeadlineMs: values.get('feature.component-shutdown-deadline') as number,
    inertFlags: inert,
  };
}
