/** Stages that change labels and structured metadata. */
import { TENANT_LABEL } from '#codec/loki/fields.ts';
import { GoRegex } from '#text/regex.ts';
import type { LabelsArgs, MetadataArgs, NamesArgs, StaticLabelsArgs, TenantArgs } from '../schema.ts';
import { sourcesOf, textOf, type Entry, type Stage } from './entry.ts';

export function labelsStage({ values, source_type: from }: LabelsArgs): Stage {
  const sources = sourcesOf(values);
  return ({ labels, extracted, metadata }) => {
    for (const [name, source] of sources) {
      const value =
        from === 'extracted' ? textOf(extracted.get(source)) : metadata.find(([key]) => key === source)?.[1];
      if (value !== null && value !== undefined) labels.set(name, value);
    }
    return true;
  };
}

export function staticLabelsStage({ values }: StaticLabelsArgs): Stage {
  const pairs = Object.entries(values).filter(([, value]) => value !== '');
  return ({ labels }) => {
    for (const [name, value] of pairs) labels.set(name, value);
    return true;
  };
}

export function labelDropStage({ values }: NamesArgs): Stage {
  return ({ labels }) => {
    for (const name of values) labels.delete(name);
    return true;
  };
}

export function labelKeepStage({ values }: NamesArgs): Stage {
  const kept = new Set(values);
  return ({ labels }) => {
    for (const name of labels.keys()) if (!kept.has(name)) labels.delete(name);
    return true;
  };
}

/** What is taken from labels goes from there. */
export function metadataStage({ values, regex }: MetadataArgs): Stage {
  const sources = sourcesOf(values);
  const names = regex === '' ? null : new GoRegex(regex);
  return (entry) => {
    const { labels, extracted } = entry;
    for (const [name, source] of sources) setMetadata(entry, name, textOf(extracted.get(source)));
    if (names !== null)
      for (const [name, value] of extracted) if (names.test(name)) setMetadata(entry, name, textOf(value));
    const taken: string[] = [];
    for (const [name, source] of sources) {
      const value = labels.get(source);
      if (value === undefined) continue;
      setMetadata(entry, name, value);
      taken.push(source);
    }
    for (const name of taken) labels.delete(name);
    if (names === null) return true;
    for (const [name, value] of labels) {
      if (!names.test(name)) continue;
      setMetadata(entry, name, value);
      labels.delete(name);
    }
    return true;
  };
}

function setMetadata({ metadata }: Entry, name: string, value: string | null): void {
  if (value === null) return;
  const at = metadata.findIndex(([key]) => key === name);
  if (at < 0) metadata.push([name, value]);
  else metadata[at] = [name, value];
}

export function metadataDropStage({ values }: NamesArgs): Stage {
  const dropped = new Set(values);
  return (entry) => {
    entry.metadata = entry.metadata.filter(([name]) => !dropped.has(name));
    return true;
  };
}

export function tenantStage({ label, source, value }: TenantArgs): Stage {
  return ({ labels, extracted }) => {
    const tenant = source !== '' ? textOf(extracted.get(source)) : label !== '' ? labels.get(label) : value;
    if (tenant !== null && tenant !== undefined && tenant !== '') labels.set(TENANT_LABEL, tenant);
    return true;
  };
}
