/** Runs test files and tells what became of them. */
import { diagnostic, hasErrors, type Diagnostic } from '#config/diag/diagnostic.ts';
import { render } from '#config/diag/render.ts';
import type { Component, Stability } from '#components/kit/component.ts';
import type { Environment } from '#config/eval/library/library.ts';
import { MillraceError } from '#shared/errors.ts';
import type { Source } from '#main/graph/source.ts';
import { readTest } from './file/read.ts';
import type { ConfigOfTest, TestCase, TestFile } from './file/test-file.ts';
import type { JunitCase, SuiteResult } from './report/junit.ts';
import { COLOURED, PLAIN, type Paint } from './report/paint.ts';
import { applied, editOf, type Edit } from './report/update.ts';
import { failureText, headline, outputText, summaryText } from './report/text.ts';
import { runCase, type CaseResult } from './run/run-case.ts';

export interface TraceTestOptions {
  readonly components: ReadonlyMap<string, Component>;
  /** Where a test says nothing else. */
  readonly stability: Stability;
  readonly environment: Omit<Environment, 'variable'>;
  /** Variables of the process. A test may set others. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Rejects with a MillraceError. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** The configuration of a test, and its folder. Rejects with a MillraceError. */
  readonly readConfig: (
    config: ConfigOfTest,
    env: TraceTestOptions['env'],
  ) => Promise<{ readonly sources: readonly Source[]; readonly path: string }>;
  readonly print: (text: string) => void;
  readonly coloured: boolean;
  /** Also what came out is printed. */
  readonly show: boolean;
  /** Expectations that are not met are replaced by what came out, in the file. */
  readonly update: boolean;
  readonly writeFile: (path: string, text: string) => Promise<void>;
  /** Only cases whose names contain it. */
  readonly only: string;
  /** Milliseconds, for how long a case takes. */
  readonly nowMs: () => number;
}

export interface TraceTestResult {
  readonly passed: number;
  readonly failed: number;
  /** Files that are no tests. */
  readonly broken: number;
  readonly suites: readonly SuiteResult[];
}

export async function traceTest(paths: readonly string[], options: TraceTestOptions): Promise<TraceTestResult> {
  const runner = new Runner(options);
  for (const path of paths) await runner.file(path);
  return runner.end();
}

class Runner {
  readonly #options: TraceTestOptions;
  readonly #paint: Paint;
  readonly #suites: SuiteResult[] = [];
  #passed = 0;
  #failed = 0;
  #broken = 0;

  constructor(options: TraceTestOptions) {
    this.#options = options;
    this.#paint = options.coloured ? COLOURED : PLAIN;
  }

  async file(path: string): Promise<void> {
    const { update } = this.#options;
    let file = await this.#read(path);
    if (file !== null && update && (await this.#update(file))) file = await this.#read(path);
    if (file === null) return;
    const cases: JunitCase[] = [];
    let told = '';
    for (const one of this.#chosen(file)) {
      const { result, seconds } = await this.#run(one, file);
      const wrong = this.#configText(result, file);
      // What is wrong with the configuration is wrong for every case.
      const config = wrong === told ? '' : wrong;
      told = wrong;
      cases.push(this.#tell(one, file, result, config, seconds));
    }
    this.#suites.push({ file: path, error: null, cases });
  }

  end(): TraceTestResult {
    const sums = { passed: this.#passed, failed: this.#failed, broken: this.#broken };
    this.#options.print(summaryText(sums, this.#paint));
    return { ...sums, suites: this.#suites };
  }

  /** null: it is no test, which is told. */
  async #read(path: string): Promise<TestFile | null> {
    try {
      const { file, diagnostics, text } = await readTest(path, await this.#options.readFile(path));
      if (file === null) this.#isNoTest(path, render(diagnostics, new Map([[path, text]])));
      return file;
    } catch (thrown) {
      if (!(thrown instanceof MillraceError)) throw thrown;
      this.#isNoTest(path, `Error: ${thrown.message}\n`);
      return null;
    }
  }

  #chosen({ cases }: TestFile): readonly TestCase[] {
    return cases.filter(({ name }) => name.includes(this.#options.only));
  }

  /** Whether there was something to write. */
  async #update(file: TestFile): Promise<boolean> {
    const edits: Edit[] = [];
    for (const one of this.#chosen(file)) {
      const { result } = await this.#run(one, file);
      edits.push(...result.failures.flatMap((failure) => editOf(failure, file.text) ?? []));
    }
    if (edits.length === 0) return false;
    await this.#options.writeFile(file.name, applied(edits, file.text));
    this.#options.print(
      `${file.name}: ${edits.length} ${edits.length === 1 ? 'expectation' : 'expectations'} updated\n`,
    );
    return true;
  }

  #isNoTest(path: string, text: string): void {
    this.#broken++;
    this.#options.print(`${this.#paint.bad('FAIL')}  ${path}: this file is no test\n${indented(text)}`);
    this.#suites.push({ file: path, error: text, cases: [] });
  }

  async #run(one: TestCase, file: TestFile): Promise<{ readonly result: CaseResult; readonly seconds: number }> {
    const { components, stability, environment, readConfig, nowMs } = this.#options;
    const env = { ...this.#options.env, ...one.env };
    const beganMs = nowMs();
    let result: CaseResult;
    try {
      const { sources, path } = await readConfig(file.config, env);
      result = await runCase(one, {
        components,
        stability: file.config.stability ?? stability,
        environment: { ...environment, variable: (name) => env[name] },
        env,
        sources,
        path,
        startMs: file.startMs,
        configSpan: file.config.span,
      });
    } catch (thrown) {
      if (!(thrown instanceof MillraceError)) throw thrown;
      result = {
        failures: [],
        diagnostics: [diagnostic('error', thrown.code, thrown.message, file.config.span)],
        texts: new Map(),
        log: [],
        output: new Map(),
      };
    }
    return { result, seconds: (nowMs() - beganMs) / 1000 };
  }

  #configText({ diagnostics, texts }: CaseResult, file: TestFile): string {
    const placed = diagnostics.map((one) => inFile(one, file));
    return placed.length === 0 ? '' : render(placed, new Map([...texts, [file.name, file.text]]));
  }

  #tell(one: TestCase, file: TestFile, result: CaseResult, config: string, seconds: number): JunitCase {
    const { print, show } = this.#options;
    const isBroken = hasErrors(result.diagnostics);
    const passed = !isBroken && result.failures.length === 0;
    if (passed) this.#passed++;
    else this.#failed++;
    const broken = isBroken ? '  the configuration is not valid\n' : '';
    const tell = (paint: Paint): string => `${indented(config)}${broken}${passed ? '' : failureText(result, paint)}`;
    print(headline(file.name, one.name, passed, this.#paint));
    print(tell(this.#paint));
    if (show && !isBroken) print(outputText(result.output));
    const failure = passed ? null : (result.failures[0]?.message ?? 'the configuration is not valid');
    return { name: one.name, line: one.span.line, seconds, failure, text: tell(PLAIN) };
  }
}

/** What a configuration in the test itself is called where it is parsed. */
export const textName = (file: string): string => `${file} (config_text)`;

/** The same, told where it stands in the test. */
function inFile(one: Diagnostic, { name, config: { block } }: TestFile): Diagnostic {
  const { span } = one;
  if (block === null || span.file !== textName(name)) return one;
  const { line, col, endLine, endCol } = span;
  const [down, right] = [block.line - 1, block.indent];
  const placed = { file: name, line: line + down, col: col + right, endLine: endLine + down, endCol: endCol + right };
  return { ...one, span: placed };
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');
