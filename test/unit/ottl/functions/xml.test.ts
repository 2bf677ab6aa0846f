/** Converters of XML: the examples of upstream's documentation (`pkg/ottl/ottlfuncs/README.md`), and what does not fit. */
import { describe } from 'node:test';
import { map, testRows } from '#test/support/ottl-rows.ts';

describe('examples', () =>
  testRows({
    'GetXML("<a><b/></a>", "/a/b")': '<b></b>',
    'GetXML("<a foo=\\"bar\\"><b>hello</b></a>", "/a")': '<a foo="bar"><b>hello</b></a>',
    'GetXML("<a><b>hello</b><b>world</b></a>", "/a/b")': '<b>hello</b><b>world</b>',
    'GetXML("<a><b>hello</b><b><c>world</c></b><d/></a>", "/a/*")': '<b>hello</b><b><c>world</c></b><d></d>',
    'GetXML("<a><x>1</x><b><x>2</x></b><d><e><f><x>3</x></f></e></d></a>", "/a//x")': '<x>1</x><x>2</x><x>3</x>',
    'GetXML("<a><x env=\\"prod\\">1</x><b><x env=\\"dev\\">2</x></b></a>", "/a//x[@env=\'prod\']")':
      '<x env="prod">1</x>',
    'GetXML("<a>1</a><a>2</a>", "/a[1]")': '<a>1</a>',
    'GetXML("<a>1</a><a>2</a>", "//a")': '<a>1</a><a>2</a>',
    'GetXML("", "/")': '',
    'GetXML("<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?><a></a>", "/*")': '<a></a>',
    'GetXML("<!-- comment --><a></a><!-- comment -->", "/*")': '<a></a>',
    'GetXML("<a foo=\\"bar\\"></a>", "/a/@foo")': 'bar',
    'GetXML("<a>hello</a>", "/a/text()")': 'hello',
    'GetXML("<a><![CDATA[hello]]></a>", "/a/text()")': 'hello',
    'InsertXML("<a></a><a></a>", "/a", "<b/>")': '<a><b></b></a><a><b></b></a>',
    'InsertXML("<a></a><z><a></a></z>", "//a", "<b/><c/>")': '<a><b></b><c></c></a><z><a><b></b><c></c></a></z>',
    'InsertXML("<a></a>", "/", "<b/><c/>")': '<a></a><b></b><c></c>',
    'InsertXML("<a></a>", "/a", "<x foo=\\"bar\\"><b>text</b><e><![CDATA[two]]></e></x>")':
      '<a><x foo="bar"><b>text</b><e><![CDATA[two]]></e></x></a>',
    'InsertXML("", "/", "<a/>")': '<a></a>',
    'InsertXML("<a><b>has b</b></a><a></a><a><b>also has b</b></a>", "//a[not(b)]", "<b></b>")':
      '<a><b>has b</b></a><a><b></b></a><a><b>also has b</b></a>',
    'RemoveXML("<a><b/><b><c/></b></a>", "/a/b")': '<a></a>',
    'RemoveXML("<a><b/><b/><c><b><d/></b></c></a>", "/a//b")': '<a><c></c></a>',
    'RemoveXML("<a foo=\\"bar\\"/>", "/a/@foo")': '<a></a>',
    'RemoveXML("<a><b foo=\\"bar\\"/><b foo=\\"notbar\\"/></a>", "/a/b[@foo=\'bar\']")': '<a><b foo="notbar"></b></a>',
    'RemoveXML("<a><b foo=\\"bar\\" hello=\\"world\\" keep=\\"this\\"/></a>", "//@*[local-name() != \'keep\']")':
      '<a><b keep="this"></b></a>',
    'RemoveXML("<a>delete this</a>", "//text()[\'*delete*\']")': '<a></a>',
    'RemoveXML("<a><b><c><!-- delete this --></c><!-- this too--></b></a>", "//comment()")': '<a><b><c></c></b></a>',
    'RemoveXML("<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?><a>delete this</a>", "//text()")':
      '<?xml version="1.0" encoding="UTF-8"?><a></a>',
    'RemoveXML("<L><R><N type=\\"archive\\"></N></R><R><N type=\\"user\\"></N></R></L>", "/L/R[./N/@type=\\"archive\\"]")':
      '<L><R><N type="user"></N></R></L>',
    'RemoveXML("<a><b>a sensitive word</b><c>none</c></a>", "//*[contains(text(), \'sensitive\')]")':
      '<a><c>none</c></a>',
    'RemoveXML("", "/")': '',
    'ConvertAttributesToElementsXML("<a foo=\\"bar\\"><b>baz</b></a>")': '<a><b>baz</b><foo>bar</foo></a>',
    'ConvertAttributesToElementsXML("<a hello=\\"world\\" foo=\\"bar\\">free value<b/>2<c/></a>")':
      '<a>free value<b></b>2<c></c><hello>world</hello><foo>bar</foo></a>',
    'ConvertAttributesToElementsXML("<a hello=\\"world\\" foo=\\"bar\\"><b href=\\"www.example.com\\"></b></a>")':
      '<a><b><href>www.example.com</href></b><hello>world</hello><foo>bar</foo></a>',
    'ConvertAttributesToElementsXML("<a hello=\\"world\\"><b href=\\"x\\"></b></a>", "/a/b/@*")':
      '<a hello="world"><b><href>x</href></b></a>',
    'ConvertAttributesToElementsXML("<a hello=\\"world\\"><b href=\\"x\\"></b></a>", "/a/b")':
      '<a hello="world"><b href="x"></b></a>',
    'ConvertAttributesToElementsXML("<?xml version=\\"1.0\\"?><a><b/></a>")': '<?xml version="1.0"?><a><b></b></a>',
    'ConvertTextToElementsXML("<a><b>foo</b>bar</a>")': '<a><b>foo</b><value>bar</value></a>',
    'ConvertTextToElementsXML("<a>hello world</a>")': '<a>hello world</a>',
    'ConvertTextToElementsXML("<a>foo<b/>bar<c/>1<d>not</d>2<e><f/><f/></e></a>", "/", "v")':
      '<a><v>foo</v><b></b><v>bar</v><c></c><v>1</v><d>not</d><v>2</v><e><f></f><f></f></e></a>',
    'ConvertTextToElementsXML("<a><b><c/>foo</b><d><c/>bar</d><b><c/>baz</b></a>", "/a/b")':
      '<a><b><c></c><value>foo</value></b><d><c></c>bar</d><b><c></c><value>baz</value></b></a>',
    'ConvertTextToElementsXML("<a><b/>foo</a>", elementName = "bar")': '<a><b></b><bar>foo</bar></a>',
    'ParseXML("<?xml version=\\"1.0\\" encoding=\\"UTF-8\\" ?>\\n<Log>\\n  <User>\\n    <ID>00001</ID>\\n    <Name type=\\"first\\">Joe</Name>\\n  </User>\\n  <Text>User fired alert A</Text>\\n</Log>\\n")':
      map({
        tag: 'Log',
        children: [
          map({
            tag: 'User',
            children: [
              map({ tag: 'ID', content: '00001' }),
              map({ tag: 'Name', content: 'Joe', attributes: map({ type: 'first' }) }),
            ],
          }),
          map({ tag: 'Text', content: 'User fired alert A' }),
        ],
      }),
    'ParseXML("<HostInfo hostname=\\"example.com\\" zone=\\"east-1\\" cloudprovider=\\"aws\\" />")': map({
      tag: 'HostInfo',
      attributes: map({ hostname: 'example.com', zone: 'east-1', cloudprovider: 'aws' }),
    }),
    'ParseXML("<Log>\\n lines of\\n <User id=\\"1\\"/>\\n text <!-- x --><?p i?><!ELEMENT xi:fallback ANY></Log>")':
      map({ tag: 'Log', content: 'lines oftext', children: [map({ tag: 'User', attributes: map({ id: '1' }) })] }),
    'ParseSimplifiedXML("<event><id>1</id><user>jane</user><details><time>x</time></details></event>")': map({
      event: map({ id: '1', user: 'jane', details: map({ time: 'x' }) }),
    }),
    'ParseSimplifiedXML("<a>\\n  <b>1</b>\\n  <b><![CDATA[2]]></b>\\n</a>")': map({ a: map({ b: ['1', '2'] }) }),
    'ParseSimplifiedXML("<a><b>1</b><b/></a>")': map({ a: map({ b: ['1'] }) }),
    'ParseSimplifiedXML("<a x=\\"y\\">extra<b>1</b><c>2</c><c>3</c></a>")': map({ a: map({ b: '1', c: ['2', '3'] }) }),
  }));

describe('edges', () =>
  testRows({
    'GetXML(attributes["none"], "/")': 'error: GetXML takes a string, got nil',
    'GetXML(attributes["map"], "/")': 'error: GetXML takes a string, got map',
    'GetXML("<a>>>>>>>", "/")': 'error: the XML ends inside of <a>',
    'InsertXML(attributes["none"], "/", "<a/>")': 'error: InsertXML takes a string, got nil',
    'InsertXML(attributes["map"], "/", "<a/>")': 'error: InsertXML takes a string, got map',
    'InsertXML("<a>>>>>>>", "/", "<a/>")': 'error: the XML ends inside of <a>',
    'RemoveXML(attributes["none"], "/")': 'error: RemoveXML takes a string, got nil',
    'RemoveXML(attributes["map"], "/")': 'error: RemoveXML takes a string, got map',
    'RemoveXML("<a>>>>>>>", "/")': 'error: the XML ends inside of <a>',
    'ConvertAttributesToElementsXML(attributes["none"])':
      'error: ConvertAttributesToElementsXML takes a string, got nil',
    'ConvertAttributesToElementsXML(attributes["map"])':
      'error: ConvertAttributesToElementsXML takes a string, got map',
    'ConvertAttributesToElementsXML("<a>>>>>>>")': 'error: the XML ends inside of <a>',
    'ConvertTextToElementsXML(attributes["none"])': 'error: ConvertTextToElementsXML takes a string, got nil',
    'ConvertTextToElementsXML(attributes["map"])': 'error: ConvertTextToElementsXML takes a string, got map',
    'ConvertTextToElementsXML("<a>>>>>>>")': 'error: the XML ends inside of <a>',
    'ParseXML(attributes["none"])': 'error: ParseXML takes a string, got nil',
    'ParseXML(attributes["map"])': 'error: ParseXML takes a string, got map',
    'ParseXML("<a>>>>>>>")': 'error: the XML ends inside of <a>',
    'ParseSimplifiedXML(attributes["none"])': 'error: ParseSimplifiedXML takes a string, got nil',
    'ParseSimplifiedXML(attributes["map"])': 'error: ParseSimplifiedXML takes a string, got map',
    'ParseSimplifiedXML("<a>>>>>>>")': 'error: the XML ends inside of <a>',
    'GetXML("ä", "/")': 'error: the XML has text outside of its elements',
    'GetXML("<ä ö=\\"☃\\">😀</ä>", "/ä/@ö")': '☃',
    'GetXML("<ä ö=\\"☃\\">😀</ä>", "//text()")': '😀',
    'GetXML("<a><b>1</b><b>2</b><b>3</b></a>", "/a/b[last()]")': '<b>3</b>',
    'GetXML("<a><b>1</b><b>2</b><b>3</b></a>", "/a/b[position() > 1 and . != 2]")': '<b>3</b>',
    'GetXML("<a><b>1</b><b>2</b><b>3</b></a>", "/a/b[4]")': '',
    'GetXML("<a><b>1</b><b>2</b></a>", "/a/b[-1]")': '',
    'GetXML("<a><b>1</b><c>2</c></a>", "//b | //c")': '<b>1</b><c>2</c>',
    'GetXML("<a><b><c>1</c></b></a>", "//c/ancestor::a/b/c/../..")': '<a><b><c>1</c></b></a>',
    'GetXML("<a><b/>x<c/><d/></a>", "/a/b/following-sibling::*[2]")': '<d></d>',
    'GetXML("<a><b/>x<c/><d/></a>", "/a/d/preceding-sibling::*[1]")': '<c></c>',
    'GetXML("<a n=\\"5\\"/><a n=\\"10\\"/>", "/a[@n >= 2 * 3 - 1 and @n div 2 = 5]")': '<a n="10"></a>',
    'GetXML("<p:a xmlns:p=\\"u\\"><p:b/></p:a>", "/p:a/p:*")': '<p:b></p:b>',
    'GetXML("<p:a xmlns:p=\\"u\\"/>", "//*[local-name() = \'a\' and name() = \'p:a\']")': '<p:a xmlns:p="u"></p:a>',
    'GetXML("<a> x  y </a>", "/a[normalize-space() = \'x y\' and string-length(.) = 6]")': '<a> x  y </a>',
    'GetXML("<r><a>1</a><a>3</a><b>2</b><b>x</b></r>", "/r[a != b and a < b and a > b and not(a = b) and a <= b and not(c = b) and not(c != b)]/b[1]")':
      '<b>2</b>',
    'GetXML("<r><a>1</a><b>1</b></r>", "/r[a = b and a <= b and a >= b and not(a != b) and not(a < b)]/b")': '<b>1</b>',
    "GetXML(\"<a>xy</a>\", \"/a[starts-with(., 'x') and ends-with(., 'y') and concat(., 1, true()) = 'xy1true']\")":
      '<a>xy</a>',
    'GetXML("<a><b>1</b><b>2</b></a>", "/a[sum(b) = 3 and count(b) = 2 and not(c)]/b[1]")': '<b>1</b>',
    'GetXML("<a>&lt;&#65;&#x42;&amp;&quot;</a>", "/a")': '<a>&lt;AB&amp;"</a>',
    'GetXML("<a x=\\"&quot;&lt;\\"/>", "/a")': '<a x="&quot;&lt;"></a>',
    'GetXML("<!DOCTYPE a [<!ENTITY x \\"y\\">]><a>&x;</a>", "/a")': 'error: the XML has an entity that is none: &x;',
    'GetXML("<a>&#0;</a>", "/a")': 'error: the XML has an entity that is none: &#0;',
    'GetXML("<a>& b</a>", "/a")': 'error: the XML has an entity that is none: & b',
    'GetXML("<a b=c/>", "/")': 'error: the XML lacks the quotes of b',
    'GetXML("<a b=\\"c\\"d=\\"e\\"/>", "/")': 'error: the XML lacks a space before an attribute of <a>',
    'GetXML("<a><b></a>", "/")': 'error: the XML closes <b> with </a>',
    'GetXML("</a>", "/")': 'error: the XML closes no <a>',
    'GetXML("<a", "/")': 'error: the XML lacks a >',
    'GetXML("<1/>", "/")': 'error: the XML has a tag or attribute without a name',
    'GetXML("<!-- x", "/")': 'error: the XML ends before -->',
    'GetXML("<a/>", "!")': 'wrong: the XPath `!` has a character that is none of its language',
    'GetXML("<a/>", "")': 'wrong: the XPath `` ends where a step is wanted',
    'GetXML("<a/>", "/a[")': 'wrong: the XPath `/a[` ends where a step is wanted',
    'GetXML("<a/>", "/a]")': 'wrong: the XPath `/a]` does not go on with `]`',
    'GetXML("<a/>", "//")': 'wrong: the XPath `//` ends where a step is wanted',
    'GetXML("<a/>", "following::a")': 'wrong: the XPath `following::a` has an axis `following`, which is not there',
    'GetXML("<a/>", "id(1)")': 'wrong: the XPath `id(1)` calls `id`, which is not there',
    'GetXML("<a/>", "/a[not()]")': 'wrong: the XPath `/a[not()]` calls `not` with 0 arguments',
    'GetXML("<a/>", "count(/a)")': 'error: the XPath `count(/a)` selects no nodes, but gives a value',
    'InsertXML("<a foo=\\"bar\\"></a>", "/a/@foo", "<b/>")': 'error: InsertXML inserts into elements, got attribute',
    'InsertXML("<a>foo</a>", "/a/text()", "<b/>")': 'error: InsertXML inserts into elements, got text',
    'InsertXML("<a/>", "/a", "<b>")': 'error: the XML ends inside of <b>',
    'InsertXML("<a/>", "/b", "<c/>")': '<a></a>',
    'RemoveXML("<a>\\n  <b/>\\n</a>", "//b")': '<a>\n  \n</a>',
    'RemoveXML("<a/>", "/")': '<a></a>',
    'ConvertAttributesToElementsXML("")': '',
    'ConvertTextToElementsXML("")': '',
    'ConvertTextToElementsXML("<a>\\n <b/>\\n</a>")': '<a>\n <b></b>\n</a>',
    'ConvertTextToElementsXML("<a/>", "/", "1x")': 'wrong: "1x" is no name of an element',
    'ParseXML("")': 'error: ParseXML takes a text that is not empty',
    'ParseXML("<a/><b/>")': 'error: ParseXML takes one element, and there are more',
    'ParseXML("<p:a p:b=\\"1\\"/>")': map({ tag: 'a', attributes: map({ b: '1' }) }),
    'ParseSimplifiedXML("")': map({}),
    'ParseSimplifiedXML("<a/>")': map({}),
    'ParseSimplifiedXML("<a><b> </b></a>")': map({}),
  }));
