import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { adminTls, http } from '#main/graph/blocks/http.ts';
import { load, type LoadOptions } from '#main/graph/load.ts';
import { CertificateAuthority } from '#test/support/certs.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { loadOptions, source, world } from '../fakes.ts';

const authority = new CertificateAuthority();
const { cert, key } = authority.issue();
const other = authority.issue();
const pem = (name: string, text: string): string => `${name} = ${JSON.stringify(text)}\n`;
const pair = pem('cert_pem', cert) + pem('key_pem', key);
const tls = (text: string): string => `tls {\n${text}\n}`;
const problems = (text: string): readonly string[] => decodeArgs(http.args, text).problems;

describe('the http block', () => {
  const table: [scenario: string, text: string, problems: RegExp[]][] = [
    ['empty', '', []],
    ['no certificate and no key', tls(''), [/^1: TLS needs a certificate/, /^1: TLS needs a private key/]],
    ['no key', tls(pem('cert_file', '/x')), [/needs a private key/]],
    ['certificate twice', tls(`${pair}cert_file = "/x"`), [/^2: cert_pem and its file cannot both be set/]],
    ['key twice', tls(`${pair}key_file = "/x"`), [/^3: key_pem and its file cannot both be set/]],
    [
      'no PEM',
      tls('cert_pem = "x"\nkey_pem = "y"'),
      [/^2: cert_pem is not a PEM/, /^3: key_pem is not an unencrypted PEM/],
    ],
    ["another's key", tls(pem('cert_pem', cert) + pem('key_pem', other.key)), [/^3: key_pem does not belong/]],
    ['an authority for nobody', tls(`${pair}client_ca_file = "/x"`), [/^4: client_ca_file has no meaning/]],
    [
      'versions the wrong way round',
      tls(`${pair}min_version = "TLS13"\nmax_version = "TLS12"`),
      [/^4: min_version must not be newer/],
    ],
    ['a cipher suite that is none', tls(`${pair}cipher_suites = ["X"]`), [/^4: unknown cipher suite "X"/]],
    ['a version that is none', tls(`${pair}min_version = "1.2"`), [/^4: "1.2" should be one of/]],
    ['a curve by its name elsewhere', tls(`${pair}curve_preferences = ["P256"]`), [/should be one of "CurveP256"/]],
    ['Windows', tls('windows_certificate_filter {\nserver { }\nclient { }\n}'), [/^2: .* only on Windows/]],
    ['a name without a password', 'auth {\nbasic { username = "u" }\n}', [/missing required attribute "password"/]],
  ];
  for (const [scenario, text, expected] of table)
    test(scenario, () => {
      const found = problems(text);
      assert.equal(found.length, expected.length, found.join('\n'));
      expected.forEach((pattern, i) => assert.match(found[i], pattern));
    });

  test("Alloy's names become those of the TLS room", () => {
    const { tls: args } = argsOf(
      http.args,
      tls(`${pair}min_version = "TLS10"\nmax_version = "TLS13"\ncurve_preferences = ["CurveP384", "X25519"]
client_auth_type = "VerifyClientCertIfGiven"\n${pem('client_ca_pem', authority.cert)}`),
    );
    assert.ok(args !== undefined);
    const { settings, clientAuth } = adminTls(args);
    assert.equal(clientAuth, 'VerifyClientCertIfGiven');
    assert.deepEqual(
      [settings.minVersion, settings.maxVersion, settings.curves, settings.clientCa],
      ['1.0', '1.3', ['P384', 'X25519'], { pem: authority.cert }],
    );
  });

  test('files are looked at where the configuration is meant to run, and told at the block', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'cert'), cert);
    const text = `\nhttp { tls {\n cert_file = "${folder}/cert"\n key_file = "${folder}/gone"\n} }`;
    const options = loadOptions(world().components);
    assert.ok((await load([source(text)], options)).graph !== null, 'validate knows nothing of the files elsewhere');
    const running: LoadOptions = { ...options, provide: () => Promise.reject(new Error('no providers here')) };
    const { graph, diagnostics } = await load([source(text)], running);
    assert.equal(graph, null);
    assert.deepEqual(
      diagnostics.map(({ span, message }) => [span.line, message.replace(/:.*/s, '')]),
      [[2, `cannot read the TLS key_file ${folder}/gone`]],
    );
  });
});
