import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args } from '#components/prometheus/remote_write/schema.ts';
import { decodeArgs } from '#test/support/decode-args.ts';

const problems = (text: string, more = ''): readonly string[] =>
  decodeArgs(args, `endpoint {\nurl = "http://x/api/v1/write"\n${text}\n}\n${more}`).problems;

describe('arguments of prometheus.remote_write', () => {
  it('Alloy writes them so', () => {
    const text = `
      name = "mimir"
      headers = { "X-Scope-OrgID" = "1" }
      basic_auth {
        username = "u"
        password = "p"
      }
      queue_config {
        capacity = 100
        max_shards = 2
      }
      metadata_config {
        send = false
      }
      write_relabel_config {
        action = "keep"
        source_labels = ["__name__"]
        regex = "a.*"
      }`;
    assert.deepEqual(problems(text, 'external_labels = { cluster = "c" }\nwal {\ntruncate_frequency = "1h"\n}'), []);
  });

  const wrong: readonly [string, RegExp][] = [
    [
      'protobuf_message = "io.prometheus.write.v2.Request"',
      /^3: .*is not available yet: write "prometheus.WriteRequest"/,
    ],
    ['protobuf_message = "v3"', /should be one of/],
    ['sigv4 { }', /^3: sigv4 is not available yet/],
    ['azuread {\nsdk {\ntenant_id = "t"\n}\n}', /^3: azuread is not available yet/],
    ['google_iam { }', /^3: google_iam is not available yet/],
    ['headers = { "Content-Encoding" = "gzip" }', /belongs to the protocol/],
    ['headers = { "X" = "a\\nb" }', /cannot be sent/],
    ['bearer_token = "a"\nbasic_auth { }', /at most one of basic_auth/],
    ['remote_timeout = "-1s"', /must not be negative/],
    ['queue_config {\nmax_shards = 0\n}', /^4: max_shards must be greater than 0/],
    ['queue_config {\nmin_shards = 51\n}', /min_shards must not be greater than max_shards/],
    ['queue_config {\nmin_backoff = "6s"\n}', /min_backoff must not be greater than max_backoff/],
    ['queue_config {\nbatch_send_deadline = "0s"\n}', /batch_send_deadline must be greater than 0/],
    ['metadata_config {\nsend_interval = "0s"\n}', /send_interval must be greater than 0/],
    ['write_relabel_config { }', /requires 'target_label' value/],
  ];
  for (const [text, message] of wrong)
    it(text.replaceAll('\n', ' '), () => {
      const found = problems(text);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0], message);
    });

  it('urls, names and external labels are looked at', () => {
    assert.match(
      decodeArgs(args, 'endpoint {\nurl = "ftp://x"\n}').problems[0],
      /^2: url .*must be a URL that starts with/,
    );
    assert.match(problems('name = "a"', 'endpoint {\nurl = "http://y"\nname = "a"\n}')[0], /job name "a"/);
    assert.match(problems('', 'external_labels = { "a-b" = "c" }')[0], /"a-b" is not a valid label name/);
    assert.match(problems('', 'wal {\nmin_keepalive_time = "9h"\n}')[0], /min_keepalive_time must be smaller/);
  });
});
