/** Converters of user agents: the examples of upstream's documentation (`pkg/ottl/ottlfuncs/README.md`), and what does not fit. */
import { describe } from 'node:test';
import { map, testRows } from '#test/support/ottl-rows.ts';

describe('examples', () =>
  testRows({
    'UserAgent("curl/7.81.0")': map({
      'user_agent.name': 'curl',
      'user_agent.version': '7.81.0',
      'user_agent.original': 'curl/7.81.0',
      'os.name': 'Other',
    }),
    'UserAgent("Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0")': map({
      'user_agent.name': 'Firefox',
      'user_agent.version': '126.0',
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0',
      'os.name': 'Linux',
    }),
    'UserAgent("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.124 Safari/537.36 Edg/91.0.864.59")':
      map({
        'user_agent.name': 'Edge',
        'user_agent.version': '91.0.864',
        'user_agent.original':
          'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.124 Safari/537.36 Edg/91.0.864.59',
        'os.name': 'Windows',
        'os.version': '10',
      }),
    'UserAgent("Mozilla/5.0 (Linux; Android 4.1.1; SPH-L710 Build/JRO03L) AppleWebKit/535.19 (KHTML, like Gecko) Chrome/18.0.1025.166 Mobile Safari/535.19")':
      map({
        'user_agent.name': 'Chrome Mobile',
        'user_agent.version': '18.0.1025',
        'user_agent.original':
          'Mozilla/5.0 (Linux; Android 4.1.1; SPH-L710 Build/JRO03L) AppleWebKit/535.19 (KHTML, like Gecko) Chrome/18.0.1025.166 Mobile Safari/535.19',
        'os.name': 'Android',
        'os.version': '4.1.1',
      }),
    'UserAgent("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.103 Safari/537.36")':
      map({
        'user_agent.name': 'Chrome',
        'user_agent.version': '51.0.2704',
        'user_agent.original':
          'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.103 Safari/537.36',
        'os.name': 'Linux',
      }),
    'UserAgent("Mozilla/5.0 (iPhone; CPU iPhone OS 13_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Mobile/15E148 Safari/604.1")':
      map({
        'user_agent.name': 'Mobile Safari',
        'user_agent.version': '13.1.1',
        'user_agent.original':
          'Mozilla/5.0 (iPhone; CPU iPhone OS 13_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Mobile/15E148 Safari/604.1',
        'os.name': 'iOS',
        'os.version': '13.5.1',
      }),
    'UserAgent("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.106 Safari/537.36 OPR/38.0.2220.41")':
      map({
        'user_agent.name': 'Opera',
        'user_agent.version': '38.0.2220',
        'user_agent.original':
          'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.106 Safari/537.36 OPR/38.0.2220.41',
        'os.name': 'Linux',
      }),
    'UserAgent("OpenTelemetry Collector Contrib/0.106.1 (linux/amd64)")': map({
      'user_agent.name': 'Other',
      'user_agent.version': '',
      'user_agent.original': 'OpenTelemetry Collector Contrib/0.106.1 (linux/amd64)',
      'os.name': 'Linux',
    }),
    'UserAgent("foobar/1.2.3 (foo; bar baz)")': map({
      'user_agent.name': 'Other',
      'user_agent.version': '',
      'user_agent.original': 'foobar/1.2.3 (foo; bar baz)',
      'os.name': 'Other',
    }),
  }));

describe('edges', () =>
  testRows({
    'UserAgent("")': map({
      'user_agent.name': 'Other',
      'user_agent.version': '',
      'user_agent.original': '',
      'os.name': 'Other',
    }),
    'UserAgent("\u00e4\u2603")': map({
      'user_agent.name': 'Other',
      'user_agent.version': '',
      'user_agent.original': '\u00e4\u2603',
      'os.name': 'Other',
    }),
    'UserAgent("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15")':
      map({
        'user_agent.name': 'Safari',
        'user_agent.version': '17.4',
        'user_agent.original':
          'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
        'os.name': 'Mac OS X',
        'os.version': '10.15.7',
      }),
    'UserAgent("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko")': map({
      'user_agent.name': 'IE',
      'user_agent.version': '11.0',
      'user_agent.original': 'Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko',
      'os.name': 'Windows',
      'os.version': '7',
    }),
    'UserAgent("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")': map({
      'user_agent.name': 'Googlebot',
      'user_agent.version': '2.1',
      'user_agent.original': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      'os.name': 'Other',
    }),
    'UserAgent("Go-http-client/2.0")': map({
      'user_agent.name': 'Go-http-client',
      'user_agent.version': '2.0',
      'user_agent.original': 'Go-http-client/2.0',
      'os.name': 'Other',
    }),
    'UserAgent("python-requests/2.31.0")': map({
      'user_agent.name': 'Python Requests',
      'user_agent.version': '2.31.0',
      'user_agent.original': 'python-requests/2.31.0',
      'os.name': 'Other',
    }),
    'UserAgent(attributes["none"])': 'error: UserAgent takes a string, got nil',
    'UserAgent(attributes["int"])': 'error: UserAgent takes a string, got int',
  }));
