/** Converters of network addresses. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`; the Community ID specification. */
import { createHash } from 'node:crypto';
import { fail } from '../error.ts';
import type { Getter } from '../telemetry.ts';
import { textOf } from '../text.ts';
import { isList, typeName, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';
import { contains, ipBytes, network, type Network } from './ip-address.ts';

const PROTOCOLS: Readonly<Record<string, number>> = { ICMP: 1, TCP: 6, UDP: 17, RSVP: 46, ICMP6: 58, SCTP: 132 };

function isInCidr(args: Arguments): Getter {
  const target = args.string(0);
  const known = args.constant(1);
  if (known !== undefined && isList(known)) {
    const networks = known.map((item) => {
      const read = typeof item === 'string' ? network(item) : null;
      if (read === null)
        throw args.wrong(1, `\`${textOf(item)}\` is no network`, 'write an address and its length: 10.0.0.0/8');
      return read;
    });
    return (t) => isInside(target(t), networks);
  }
  const list = args.list(1);
  return (t) => {
    const ip = target(t);
    return isInside(ip, list(t).map(networkOf));
  };
}

function networkOf(value: Value): Network {
  if (typeof value !== 'string') return fail(`IsInCIDR takes networks as strings, got ${typeName(value)}`);
  return network(value) ?? fail(`"${value}" is no network`);
}

function isInside(text: string, networks: readonly Network[]): boolean {
  const ip = ipBytes(text);
  return ip !== null && networks.some((one) => contains(one, ip));
}

function communityId(args: Arguments): Getter {
  const from = args.string(0);
  const fromPort = args.int(1);
  const to = args.string(2);
  const toPort = args.int(3);
  const protocol = args.has(4) ? args.string(4) : () => 'TCP';
  const seed = args.has(5) ? args.int(5) : () => 0n;
  return (t) => {
    const source = { ip: addressOf(from(t)), port: uint16(fromPort(t), 'a port') };
    const target = { ip: addressOf(to(t)), port: uint16(toPort(t), 'a port') };
    const name = protocol(t);
    if (!Object.hasOwn(PROTOCOLS, name)) fail(`CommunityID knows no protocol "${name}"`);
    const start = uint16(seed(t), 'a seed');
    // Both directions of a flow have the same id: the lower end comes first.
    const order =
      source.ip.length - target.ip.length || Buffer.compare(source.ip, target.ip) || source.port - target.port;
    const [first, second] = order > 0 ? [target, source] : [source, target];
    const rest = Buffer.alloc(6);
    rest[0] = PROTOCOLS[name];
    rest.writeUInt16BE(first.port, 2);
    rest.writeUInt16BE(second.port, 4);
    const hash = createHash('sha1').update(Buffer.of(start >> 8, start & 0xff));
    return `1:${hash.update(first.ip).update(second.ip).update(rest).digest('base64')}`;
  };
}

const addressOf = (text: string): Buffer => ipBytes(text) ?? fail(`"${text}" is no IP address`);

function uint16(value: bigint, what: string): number {
  return value >= 0n && value <= 65_535n ? Number(value) : fail(`${what} is between 0 and 65535, got ${value}`);
}

export const NETWORKS: readonly Converter[] = [
  converter(
    'IsInCIDR',
    ['target', 'networks'],
    'bool',
    'Whether the IP address is in one of the networks (`10.0.0.0/8`); what is no address is in none.',
    isInCidr,
  ),
  converter(
    'CommunityID',
    ['source_ip', 'source_port', 'destination_ip', 'destination_port', 'protocol?', 'seed?'],
    'string',
    'The Community ID of a network flow, the same for both directions; the protocol (TCP) is one of ICMP, TCP, UDP, RSVP, ICMP6, SCTP.',
    communityId,
  ),
];
