/** Converters of log formats, which only statements on logs have. */
import type { ContextName } from '#ottl/context.ts';
import { converter, type Converter } from '#ottl/functions/function.ts';
import type { ValueMap } from '#ottl/value.ts';
import { parseCef } from './parse-cef.ts';
import { CLF_FORMATS, parseClf, type ClfFormat } from './parse-clf.ts';
import { parseElf } from './parse-elf.ts';
import { parseLeef } from './parse-leef.ts';

const LOGS: readonly ContextName[] = ['log'];

const parser = (name: string, what: string, parse: (text: string) => ValueMap): Converter =>
  converter(
    name,
    ['target'],
    'any',
    `The parts of a text in ${what}, as a map.`,
    (args) => {
      const target = args.string(0);
      return (t) => parse(target(t));
    },
    LOGS,
  );

export const PARSE_LOGS: readonly Converter[] = [
  parser('ParseCEF', 'the Common Event Format', parseCef),
  converter(
    'ParseCLF',
    ['target', 'format?'],
    'any',
    'The parts of a line in the Common Log Format (`"clf"`), or in the combined one (`"combined"`), as a map.',
    (args) => {
      const target = args.string(0);
      const format = args.literal(1, 'clf') as ClfFormat;
      if (!CLF_FORMATS.includes(format)) throw args.wrong(1, `the format is one of ${CLF_FORMATS.join(', ')}`);
      return (t) => parseClf(target(t), format);
    },
    LOGS,
  ),
  parser('ParseELF', 'the W3C Extended Log Format, with its directives', parseElf),
  parser('ParseLEEF', 'the Log Event Extended Format', parseLeef),
];
