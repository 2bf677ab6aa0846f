/** Converters of network addresses: the examples of upstream's documentation (`pkg/ottl/ottlfuncs/README.md`), and what does not fit. */
import { describe } from 'node:test';
import { testRows } from '#test/support/ottl-rows.ts';

describe('examples', () =>
  testRows({
    'IsInCIDR("192.168.3.4", ["192.168.0.0/16"])': true,
    'IsInCIDR("10.1.2.3", ["192.168.0.0/16", "10.0.0.0/8"])': true,
    'IsInCIDR("11.1.2.3", ["192.168.0.0/16", "10.0.0.0/8"])': false,
    'IsInCIDR("2001:db8::1", ["2001:db8::/32"])': true,
    'CommunityID("1.2.3.4", 12345, "5.6.7.8", 80)': '1:0by3b/tE95hcOzccyt6d4kjgbZc=',
    'CommunityID("5.6.7.8", 80, "1.2.3.4", 12345, "TCP", 0)': '1:0by3b/tE95hcOzccyt6d4kjgbZc=',
    'CommunityID("192.168.1.1", 53, "10.10.10.10", 53000, "UDP")': '1:gQ05/45srnixHs8V/2ejpkxhBwg=',
    'CommunityID("10.10.10.10", 53000, "192.168.1.1", 53, "ICMP")': '1:9TGPWejPFuBlKrHuVcM3iaA8hf8=',
    'CommunityID("10.10.10.10", 53, "192.168.1.1", 53000, "RSVP")': '1:rkXhRghBvx2yf3zgDnSHuJ35XaY=',
    'CommunityID("192.168.1.1", 53, "10.10.10.10", 53000, "ICMP6")': '1:bchQ2SAoVf2Iq1XdGBXObLJ2i64=',
    'CommunityID("192.168.1.1", 53, "10.10.10.10", 53000, "SCTP")': '1:zo1kfEyhghMaeU7tQDCE2G+ITQc=',
    'CommunityID("2001:db8::1", 8080, "2001:db8::2", 443)': '1:c5m26SNBLmvfaBQJNWKXZwUGGcM=',
    'CommunityID("192.168.1.1", 12345, "192.168.1.2", 80, seed = 1234)': '1:v1n8p4IZW9jXIJnFANLbRU2ahdU=',
    'CommunityID(sourceIP = "2001:db8::1", sourcePort = 8080, destinationIP = "10.1.1.1", destinationPort = 443)':
      '1:T1e3va6jTSWaSKkG3k4dnZq5VM8=',
    'CommunityID("10.1.1.2", 8081, "10.1.1.2", 8080)': '1:3byUvmBpOu8KHoTRr4eN5AjTQEU=',
    'CommunityID("10.1.1.2", 8080, "10.1.1.2", 8081)': '1:3byUvmBpOu8KHoTRr4eN5AjTQEU=',
  }));

describe('edges', () =>
  testRows({
    'IsInCIDR("", ["0.0.0.0/0"])': false,
    'IsInCIDR("01.2.3.4", ["0.0.0.0/0"])': false,
    'IsInCIDR("1.2.3.4", ["::/0"])': false,
    'IsInCIDR("::ffff:10.0.0.1", ["10.0.0.0/8"])': true,
    'IsInCIDR("fe80::1%eth0", ["fe80::/10"])': false,
    'IsInCIDR("febf::1", ["fe80::/10"])': true,
    'IsInCIDR("fec0::1", ["fe80::/10"])': false,
    'IsInCIDR("10.0.0.1", ["10.0.0.1/32"])': true,
    'IsInCIDR("1:2:3:4:5:6:1.2.3.4", ["1:2:3:4:5:6:102:304/128"])': true,
    'IsInCIDR("10.0.0.1", [])': false,
    'IsInCIDR("10.0.0.1", ["10.0.0.0/33"])': 'wrong: `10.0.0.0/33` is no network',
    'IsInCIDR("10.0.0.1", ["10.0.0.0"])': 'wrong: `10.0.0.0` is no network',
    'IsInCIDR("10.0.0.1", [1])': 'wrong: `1` is no network',
    'IsInCIDR("10.0.0.1", [attributes["text"]])': 'error: "text" is no network',
    'IsInCIDR("10.0.0.1", [Concat(["10.0.0.0", "8"], "/")])': true,
    'IsInCIDR("10.0.0.1", [attributes["int"]])': 'error: IsInCIDR takes networks as strings, got int',
    'IsInCIDR("10.0.0.1", attributes["none"])': 'error: IsInCIDR takes a list, got nil',
    'IsInCIDR(attributes["none"], ["10.0.0.0/8"])': 'error: IsInCIDR takes a string, got nil',
    'CommunityID("x", 1, "10.0.0.1", 1)': 'error: "x" is no IP address',
    'CommunityID("10.0.0.1", 1, "", 1)': 'error: "" is no IP address',
    'CommunityID("10.0.0.1", -1, "10.0.0.1", 1)': 'error: a port is between 0 and 65535, got -1',
    'CommunityID("10.0.0.1", 1, "10.0.0.1", 65536)': 'error: a port is between 0 and 65535, got 65536',
    'CommunityID("10.0.0.1", 1, "10.0.0.1", 1, "UNKNOWN")': 'error: CommunityID knows no protocol "UNKNOWN"',
    'CommunityID("10.0.0.1", 1, "10.0.0.1", 1, "TCP", 70000)': 'error: a seed is between 0 and 65535, got 70000',
    'CommunityID(attributes["none"], 1, "10.0.0.1", 1)': 'error: CommunityID takes a string, got nil',
    'CommunityID("10.0.0.1", "1", "10.0.0.1", 1)': 'wrong: CommunityID takes a int as `source_port`, got string',
  }));
