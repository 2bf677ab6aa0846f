/**
 * The hash by which metrics are spread: of who measures, as Prometheus knows it (job and instance: `service.name`,
 * `service.namespace`, `service.instance.id` of the resource). Resources that differ in other attributes only, such as the pods of a
 * service, become series with the same labels, and only who sees all of these can keep them in order and notice conflicts. A
 * resource that does not name its service is taken whole. Any thread, not re-entrant.
 */
import { Reader } from '../protobuf/reader.ts';
import { KEY_VALUE, RESOURCE } from './fields.ts';
import { bytesHash } from './hash.ts';

const NAME = Buffer.from('service.name');
const MORE: readonly Buffer[] = [Buffer.from('service.namespace'), Buffer.from('service.instance.id')];

const resource = new Reader();
const pair = new Reader();

/** Of the Resource `buf[start, end)`, which has been validated. Signed 32 bits; does not depend on the order of attributes. */
export function targetHash(buf: Buffer, start: number, end: number): number {
  let hash = 0;
  let isNamed = false;
  resource.reset(buf, start, end);
  while (resource.next()) {
    if (resource.field !== RESOURCE.attributes) continue;
    pair.reset(buf, resource.start, resource.stop);
    while (pair.next()) {
      if (pair.field !== KEY_VALUE.key) continue;
      const isName = isText(buf, pair.start, pair.stop, NAME);
      if (isName) isNamed = true;
      if (isName || MORE.some((key) => isText(buf, pair.start, pair.stop, key)))
        hash = (hash + bytesHash(buf, resource.start, resource.stop)) | 0;
      break;
    }
  }
  return isNamed ? hash : attributesHash(buf, start, end);
}

/** Of all attributes of a resource: those of one in another order have to come to the same worker. Signed 32 bits. */
export function attributesHash(buf: Buffer, start: number, end: number): number {
  let hash = 0;
  resource.reset(buf, start, end);
  while (resource.next())
    if (resource.field === RESOURCE.attributes) hash = (hash + bytesHash(buf, resource.start, resource.stop)) | 0;
  return hash;
}

const isText = (buf: Buffer, start: number, stop: number, text: Buffer): boolean =>
  stop - start === text.length && text.compare(buf, start, stop) === 0;
