/** Names of severities of log records, by number (OpenTelemetry logs data model, SeverityNumber). */
export const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) =>
  ['', '2', '3', '4'].map((step) => name + step),
);

/** TRACE is 1; 0: there is none of that name. */
export const severityNumber = (name: string): number => SEVERITIES.indexOf(name) + 1;
