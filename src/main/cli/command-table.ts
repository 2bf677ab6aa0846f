/** Every command, in the order in which the overview shows them. */
import type { Command } from './command.ts';
import { healthcheck } from './commands/healthcheck.ts';
import { help } from './commands/help.ts';
import { runCommand } from './commands/run.ts';
import { validate } from './commands/validate.ts';

export const COMMANDS: readonly Command[] = [runCommand, validate, healthcheck, help(() => COMMANDS)];
