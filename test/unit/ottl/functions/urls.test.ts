/** Converters of URLs: the examples of upstream's documentation (`pkg/ottl/ottlfuncs/README.md`), and what does not fit. */
import { describe } from 'node:test';
import { map, testRows } from '#test/support/ottl-rows.ts';

describe('examples', () =>
  testRows({
    'URL("http://www.example.com")': map({
      'url.original': 'http://www.example.com',
      'url.domain': 'www.example.com',
      'url.scheme': 'http',
      'url.path': '',
    }),
    'URL("http://myusername:mypassword@www.example.com:80/foo.gif?key1=val1&key2=val2#fragment")': map({
      'url.original': 'http://myusername:mypassword@www.example.com:80/foo.gif?key1=val1&key2=val2#fragment',
      'url.domain': 'www.example.com',
      'url.scheme': 'http',
      'url.path': '/foo.gif',
      'url.port': 80n,
      'url.fragment': 'fragment',
      'url.user_info': 'myusername:mypassword',
      'url.username': 'myusername',
      'url.password': 'mypassword',
      'url.query': 'key1=val1&key2=val2',
      'url.extension': 'gif',
    }),
    'URL("?a=1&b=x+y&a=%32")': map({ query: map({ a: ['1', '2'], b: ['x y'] }) }),
  }));

describe('edges', () =>
  testRows({
    'URL("HTTPS://[2001:db8::1]:8443/%C3%A4")["url.path"]': '/\u00e4',
    'URL("HTTPS://[2001:db8::1]:8443/")["url.domain"]': '2001:db8::1',
    'URL("HTTPS://[2001:db8::1]:8443/")["url.scheme"]': 'https',
    'URL("HTTPS://[2001:db8::1]:8443/")["url.port"]': 8443n,
    'URL("http://\u00e4.example/\u2603?\u{1f600}#\u2603")["url.query"]': '\u{1f600}',
    'URL("http://user@h/")["url.username"]': 'user',
    'URL("http://user@h/")["url.password"]': 'error: the map has no key "url.password"',
    'URL("http://a:p%40ss@h/")["url.password"]': 'p@ss',
    'URL("mailto:a@b.c")["url.path"]': '',
    'URL("mailto:a@b.c")["url.scheme"]': 'mailto',
    'URL("/a/b.tar.gz?x")["url.extension"]': 'gz',
    'URL("/a.")["url.extension"]': 'error: the map has no key "url.extension"',
    'URL("a/b:c")["url.path"]': 'a/b:c',
    'URL("//h/p")["url.domain"]': 'h',
    'URL("http://h:/")["url.port"]': 'error: the map has no key "url.port"',
    'URL("?")': map({}),
    'URL("")': 'error: URL takes a text that is not empty',
    'URL("http://h:x/")': 'error: the URL has a port that is no number',
    'URL("http://a b/")': 'error: the URL has a host that is none',
    'URL("http://[::1/")': 'error: the URL has a host that is none',
    'URL("http://h/%zz")': 'error: the URL has a percent sign without two hex digits',
    'URL(":foo")': 'error: the URL has a colon, but no scheme before it',
    'URL("1:2")': 'error: the first segment of a path has no colon',
    'URL("http://h/\\n")': 'error: the URL holds a control character',
    'URL(attributes["none"])': 'error: URL takes a string, got nil',
    'URL(attributes["int"])': 'error: URL takes a string, got int',
  }));
