/**
 * Relabeling rules at work, as Prometheus has them (prometheus `model/relabel`): they are applied one after the other, each sees
 * what the one before has made. Any thread; one Relabeler belongs to one thread.
 */
import { createHash } from 'node:crypto';
import { isLabelName, type RelabelRule } from '#components/kit/blocks/relabel-rule.ts';
import { GoRegex } from '#text/regex.ts';
import { byName, type Label } from './labels.ts';
import { goLower, goUpper } from './letter-case.ts';

interface Rule {
  readonly action: RelabelRule['action'];
  readonly sources: readonly string[];
  readonly separator: string;
  readonly regex: GoRegex;
  readonly modulus: bigint;
  readonly target: string;
  readonly replacement: string;
}

export class Relabeler {
  readonly #rules: readonly Rule[];

  /** Rules that `relabelRuleBlock` has found right. */
  constructor(rules: readonly RelabelRule[]) {
    this.#rules = rules.map((rule) => ({
      action: rule.action,
      sources: rule.source_labels ?? [],
      separator: rule.separator,
      regex: new GoRegex(rule.regex),
      modulus: rule.modulus ?? 0n,
      target: rule.target_label ?? '',
      replacement: rule.replacement,
    }));
  }

  /** Without rules label sets stay what they are. */
  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** A new sorted label set, perhaps without labels; null: a rule drops it. `labels` must be sorted by name. */
  apply(labels: readonly Label[]): Label[] | null {
    const set = new LabelSet(labels);
    for (const rule of this.#rules) if (!applied(rule, set)) return null;
    return set.sorted();
  }
}

/** false: dropped. */
function applied(rule: Rule, set: LabelSet): boolean {
  const { action, regex, target, replacement } = rule;
  switch (action) {
    case 'keep':
      return regex.testWhole(joined(rule, set));
    case 'drop':
      return !regex.testWhole(joined(rule, set));
    case 'keepequal':
      return set.get(target) === joined(rule, set);
    case 'dropequal':
      return set.get(target) !== joined(rule, set);
    case 'replace':
      replace(rule, joined(rule, set), set);
      return true;
    case 'lowercase':
      set.set(target, goLower(joined(rule, set)));
      return true;
    case 'uppercase':
      set.set(target, goUpper(joined(rule, set)));
      return true;
    case 'hashmod':
      set.set(target, hashMod(joined(rule, set), rule.modulus));
      return true;
    case 'labelmap':
      for (const [name, value] of set.snapshot()) {
        const match = regex.findWhole(name);
        if (match !== null) set.set(regex.expand(replacement, name, match), value);
      }
      return true;
    case 'labeldrop':
      for (const [name] of set.snapshot()) if (regex.testWhole(name)) set.delete(name);
      return true;
    case 'labelkeep':
      for (const [name] of set.snapshot()) if (!regex.testWhole(name)) set.delete(name);
      return true;
  }
}

function joined({ sources, separator }: Rule, set: LabelSet): string {
  if (sources.length === 1) return set.get(sources[0]);
  let text = '';
  for (let i = 0; i < sources.length; i++) text += (i === 0 ? '' : separator) + set.get(sources[i]);
  return text;
}

function replace({ regex, target, replacement }: Rule, value: string, set: LabelSet): void {
  const match = regex.findWhole(value);
  if (match === null) return;
  const name = regex.expand(target, value, match);
  if (isLabelName(name)) set.set(name, regex.expand(replacement, value, match));
}

/** The last eight bytes of the MD5 sum, big-endian. */
function hashMod(value: string, modulus: bigint): string {
  const sum = createHash('md5').update(value).digest();
  return String(sum.readBigUInt64BE(8) % modulus);
}

/**
 * A label set under change, with the order of Prometheus' builder, which `labelmap` lets see: first labels as they came, then
 * those that were set, in the order in which they were set first.
 */
class LabelSet {
  readonly #labels: Label[];
  /** Labels in front that are as they came. */
  #untouched: number;

  constructor(labels: readonly Label[]) {
    this.#labels = labels.slice();
    this.#untouched = labels.length;
  }

  /** '' = there is none. */
  get(name: string): string {
    const at = this.#find(name);
    return at < 0 ? '' : this.#labels[at][1];
  }

  /** '' deletes. A label needs a name, so nothing comes of a template that gives none. */
  set(name: string, value: string): void {
    if (value === '') return this.delete(name);
    if (name === '') return;
    const at = this.#find(name);
    if (at >= this.#untouched) this.#labels[at] = [name, value];
    else {
      if (at >= 0) this.#remove(at);
      this.#labels.push([name, value]);
    }
  }

  delete(name: string): void {
    const at = this.#find(name);
    if (at >= 0) this.#remove(at);
  }

  snapshot(): readonly Label[] {
    return this.#labels.slice();
  }

  sorted(): Label[] {
    return this.#untouched === this.#labels.length ? this.#labels : this.#labels.sort(byName);
  }

  #find(name: string): number {
    const labels = this.#labels;
    for (let i = 0; i < labels.length; i++) if (labels[i][0] === name) return i;
    return -1;
  }

  #remove(at: number): void {
    this.#labels.splice(at, 1);
    if (at < this.#untouched) this.#untouched--;
  }
}
