/** Hashes against xxHash and mmh3 of Python, at the lengths where their algorithms change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { murmur128, murmur32 } from '#ottl/functions/murmur3.ts';
import { xxh128, xxh3 } from '#ottl/functions/xxh3.ts';

/** Printable characters, so that each is a byte. */
const input = (length: number): string =>
  Array.from({ length }, (_, i) => String.fromCharCode(32 + ((i * 7 + length) % 95))).join('');

/** Length, XXH3, XXH128, MurmurHash3 x64_128, MurmurHash3 x86_32. */
const VECTORS: readonly (readonly [number, string, string, string, string])[] = [
  [0, '2d06800538d394c2', '99aa06d3014798d86001c324468d497f', '00000000000000000000000000000000', '00000000'],
  [1, '5fbb498e55810a1a', 'b09a451b76367e3d5fbb498e55810a1a', '3d86a2f8b2d011149f094a57c8974f36', 'f41c6672'],
  [2, '69d9e58f0a357a50', '037196b16a5c75b469d9e58f0a357a50', '6b53930add702aedbdecb2631cc7c468', 'a767ca2e'],
  [3, '3beb191162c13b5b', '4af108d2d85b77ac3beb191162c13b5b', 'dcee926ef0f23b2c1d7c9693c2b9c331', '297905d4'],
  [5, '5801b8015a1d2c15', 'ab39bc5d303ff752ab711c5f047f89f2', '2c4ac270b28683f69d55766c426dd66e', '7d2f7249'],
  [8, '0996d205e557d6d3', '2772ffee7429804a54c364acffe07484', 'b9eed9609e850bba6d901f122d429b37', '9a03d3b9'],
  [9, '87f27ad792cc2f00', '2e597cfe4d09b6961f9eaa4062362095', 'ba378bb17988a20533f66ecfd5490f35', 'b337c3c3'],
  [11, '852e6156e970f5da', 'bd426aa24eeeafeaebffa9adb243046b', '6a143a72ea4a5d327228c0d16f8068af', 'a83f8373'],
  [16, '2c3b3910363bc5d0', '0f446552f7a9bcf1bad74dbc1996c72f', 'b59305da86066b22a796f2744ed84490', '429ee967'],
  [17, '46a998ed626090b2', 'e9d4e07026a2530687631100951dc412', '1b2c74090983e6c04bc813c49e5f53a4', '32613dbd'],
  [32, 'b68286da3d618f03', 'a7cbd4071c6538d0e13950c6222a8602', '21883943ec6a6870477a8ff3ebf30aac', '534c3252'],
  [33, '5f04179ef3498b30', '15f0a5efa51aa616b4132da9d205413b', '329f63765717bb1af22ff658135b8cf6', '373aa962'],
  [64, '9b582a56676f5a92', '7f9d1393f250b3dd01c60633da5c06c5', '2b752cab6b126be4699e26a19778df26', '72fa7036'],
  [96, '91396bab10347062', '584d2bdbb0b69132099c41f5b578fbe2', '74e8f4455823a4d737aa73750278542c', 'b61a4fbc'],
  [128, '14c73958703ef100', '4912a66088504a688d4195b277f4a593', '68e854167484a6485d7e425fde788d87', '4ab48a24'],
  [129, '10e01a1d857e5dc8', '0a5244a13f21c49179d6e920110ab101', 'e1de0e48b53726378a3bf50e13977277', 'be2a67f3'],
  [130, 'c3417e4f980da45f', 'a9149a55a960b12ce341c83599959a73', '89a43a675a52b936c98ed8e6f159743c', '119de81c'],
  [160, '1f87614a5dd1729e', 'a2acd872d9afab6e6d6d899d239fd2e5', '93961328b7b8b8f981407cf181baf7ee', '698a6377'],
  [239, '80ead96a7f4e1d54', '34dd6dd25a6880487ef8874b9b7aba11', '19a64d17872f2f5e77f96dcf9292ba9f', '09f25dd8'],
  [240, 'bf011d1a9cde5a33', '97743dce406c924bf97190c1d64f2e7b', '57a43cf9ef42e7ec4c8bd3a82daecbc2', '1ddf9d31'],
  [241, 'bbc568e2ba482a30', '0501360ec7056cabbbc568e2ba482a30', 'b50fb1cef57420b0773a4910e8e0bc43', '569ead09'],
  [256, '76678f034d0c6d89', 'd123e4397ea21ae276678f034d0c6d89', 'fe6f33590048dca18db3a59a0afd4099', 'aa1d93c9'],
  [1024, '08d077b1321bea3a', '11e1f1dbe4cc804008d077b1321bea3a', '4b8121291c450f841f2f9605fc917757', 'ba51dc45'],
  [1025, 'b5d81de76dcecfba', 'ae07c8fdb9cd2622b5d81de76dcecfba', 'dc04e035e9b0ab2b1148e874992f3adf', 'cdeb40a5'],
  [5000, '0dc4c8bcc4dc2dff', 'fb43df858418145b0dc4c8bcc4dc2dff', 'e3b74b769d00ce5b7ef25e4ab741d819', 'e55cb93e'],
];

for (const [length, ...digests] of VECTORS)
  test(`of ${length} bytes`, () => {
    const text = input(length);
    assert.deepEqual([xxh3(text), xxh128(text), murmur128(text), murmur32(text)], digests);
  });
