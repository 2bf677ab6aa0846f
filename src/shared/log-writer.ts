/**
 * Formats and writes log lines. Main owns the one writer of the process; worker threads send their lines to it as control
 * messages, so lines never interleave and one `logging` block rules all threads.
 */
import type { Clock } from './clock.ts';
import { LEVELS, type Fields, type Level, type Logger } from './log.ts';

export interface LogSettings {
  readonly level: Level;
  readonly format: 'logfmt' | 'json';
}

export interface LogWriter extends Logger {
  configure(settings: LogSettings): void;
}

/** `write` gets one whole line with its newline. */
export function createLogger(
  options: LogSettings & { readonly write: (line: string) => void; readonly clock: Clock },
): LogWriter {
  let settings: LogSettings = options;
  const emit = (level: Level, message: string, fields: Fields): void => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(settings.level)) return;
    const ts = new Date(options.clock.now()).toISOString();
    const { component_path, component_id, ...rest } = fields;
    const all: Fields = { ts, level, msg: message, component_path, component_id, ...rest };
    options.write((settings.format === 'json' ? JSON.stringify(all) : logfmt(all)) + '\n');
  };
  return { ...loggerOver(emit), configure: (next) => void (settings = next) };
}

/** A logger over any sink of (level, message, fields): the writer above, or a worker's control port. */
export function loggerOver(emit: (level: Level, message: string, fields: Fields) => void, bound: Fields = {}): Logger {
  return {
    debug: (message, fields) => emit('debug', message, { ...bound, ...fields }),
    info: (message, fields) => emit('info', message, { ...bound, ...fields }),
    warn: (message, fields) => emit('warn', message, { ...bound, ...fields }),
    error: (message, fields) => emit('error', message, { ...bound, ...fields }),
    with: (fields) => loggerOver(emit, { ...bound, ...fields }),
  };
}

function logfmt(fields: Fields): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) parts.push(`${key}=${logfmtValue(value)}`);
  }
  return parts.join(' ');
}

function logfmtValue(value: string | number | boolean | null): string {
  const text = String(value);
  // Quotes where a reader of logfmt could misread the bare text: blanks, quotes, '=', control and non-printable characters.
  return text !== '' && /^[!#-<>-[\]-~]+$/.test(text) ? text : JSON.stringify(text);
}
