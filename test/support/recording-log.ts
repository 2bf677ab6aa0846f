/** A logger for tests: keeps what it was told. */
import type { Fields, Level, Logger } from '#shared/log.ts';

export interface LogLine {
  readonly level: Level;
  readonly message: string;
  readonly fields: Fields;
}

export class RecordingLog implements Logger {
  readonly lines: LogLine[];
  readonly #fields: Fields;
  constructor(lines: LogLine[] = [], fields: Fields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }
  debug(message: string, fields?: Fields): void {
    this.#add('debug', message, fields);
  }
  info(message: string, fields?: Fields): void {
    this.#add('info', message, fields);
  }
  warn(message: string, fields?: Fields): void {
    this.#add('warn', message, fields);
  }
  error(message: string, fields?: Fields): void {
    this.#add('error', message, fields);
  }
  with(fields: Fields): Logger {
    return new RecordingLog(this.lines, { ...this.#fields, ...fields });
  }
  #add(level: Level, message: string, fields: Fields = {}): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}
