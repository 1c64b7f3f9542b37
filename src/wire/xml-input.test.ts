import { describe, expect, it } from 'vitest';
import { ServiceError } from '../fault/index.ts';
import type { StructureShape } from './model.ts';
import { serviceModel } from './models.ts';
import { readXml } from './xml-input.ts';

function shapeOf(operation: string, member: string): StructureShape {
  const found = serviceModel('s3')
    .operation(operation)
    ?.input?.members.find(({ name }) => name === member)?.shape;
  if (found?.type !== 'structure') throw new Error(`bug: ${operation} has no ${member}`);
  return found;
}

const deletion = shapeOf('DeleteObjects', 'Delete');
const acl = shapeOf('PutObjectAcl', 'AccessControlPolicy');
const completion = shapeOf('CompleteMultipartUpload', 'MultipartUpload');
const read = (text: string | Uint8Array, shape = deletion): unknown =>
  readXml(typeof text === 'string' ? Buffer.from(text) : text, shape, undefined);
const object = (key: string): string => `<Delete><Object><Key>${key}</Key></Object></Delete>`;
const keys = (...found: string[]) => ({ Objects: found.map((Key) => ({ Key })) });

describe('XML', () => {
  it.each([
    ['plain', object('a'), keys('a')],
    ['with a declaration', `<?xml version="1.0" encoding="UTF-8"?>\n${object('a')}\n`, keys('a')],
    ['after a byte order mark', `\ufeff${object('a')}`, keys('a')],
    [
      'with a namespace',
      object('a').replace('<Delete>', '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'),
      keys('a'),
    ],
    ['with prefixes', '<s:Delete xmlns:s="x"><s:Object><s:Key>a</s:Key></s:Object></s:Delete>', keys('a')],
    ['with spaces', '<Delete >\n <Object\t>\r\n<Key\n>a</Key ></Object> </Delete>', keys('a')],
    [
      'with comments',
      '<!-- a --><Delete><!--<Object>--><Object><Key>a<!-- - -->b</Key></Object></Delete>',
      keys('ab'),
    ],
    ['with instructions', '<Delete><?do this?><Object><Key>a</Key></Object></Delete>', keys('a')],
    ['with character data', object('<![CDATA[<&>]]>x'), keys('<&>x')],
    ['with the five entities', object('&lt;&gt;&amp;&quot;&apos;'), keys('<>&"\'')],
    ['with characters by number', object('&#13;&#xA;&#x1F30A;'), keys('\r\n\u{1f30a}')],
    ['with ends of lines', object('a\r\nb\rc'), keys('a\nb\nc')],
    ['with spaces around a text', object('  a '), keys('  a ')],
    ['with an empty element', object('').replace('<Key></Key>', '<Key/>'), keys('')],
    [
      'with more than the model has',
      '<Delete><More a="&lt;"><Key>b</Key>x</More><Object><Key>a</Key></Object></Delete>',
      keys('a'),
    ],
    [
      'with several items',
      '<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>',
      { ...keys('a', 'b'), Quiet: true },
    ],
  ])('%s', (_what, text, value) => {
    expect(read(text)).toEqual(value);
  });

  it('has attributes where the model has some', () => {
    const text =
      '<AccessControlPolicy><AccessControlList><Grant>' +
      '<Grantee xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="CanonicalUser"><ID>1</ID></Grantee>' +
      '</Grant></AccessControlList></AccessControlPolicy>';
    expect(read(text, acl)).toEqual({ Grants: [{ Grantee: { Type: 'CanonicalUser', ID: '1' } }] });
  });

  it.each([
    ['nothing', ''],
    ['a text', 'hello'],
    ['an element that is not closed', '<Delete><Object>'],
    ['elements that overlap', '<Delete><Object></Delete></Object>'],
    ['another prefix at its end', '<a:Delete></b:Delete>'],
    ['two roots', '<Delete/><Delete/>'],
    ['a text after the root', '<Delete/>x'],
    ['a text among elements', '<Delete>x<Object><Key>a</Key></Object></Delete>'],
    ['an element in a text', object('a<b/>')],
    ['a DTD', `<!DOCTYPE Delete>${object('a')}`],
    ['an entity of its own', `<!DOCTYPE d [<!ENTITY e "x">]>${object('&e;')}`],
    ['an unknown entity', object('&nbsp;')],
    ['an ampersand', object('a & b')],
    ['a half entity', object('&lt')],
    ['a control character', object('a\u0001')],
    ['a control character by number', object('&#1;')],
    ['half a character by number', object('&#xD800;')],
    ['a number beyond all characters', object('&#x110000;')],
    ['an attribute twice', '<Delete a="1" a="2"/>'],
    ['an attribute without quotes', '<Delete a=1/>'],
    ['a tag in an attribute', '<Delete a="<"/>'],
    ['an open comment', '<Delete><!-- </Delete>'],
    ['open character data', '<Delete><![CDATA[</Delete>'],
    ['the end of character data', object(']]>')],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><Delete/>'],
    ['a name that begins with a digit', '<1/>'],
    ['a member twice', '<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>'],
    ['what is no boolean', '<Delete><Quiet>yes</Quiet></Delete>'],
  ])('is not %s', (_what, text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'MalformedXML',
        message: 'The XML you provided was not well-formed or did not validate against our published schema',
      }),
    );
  });

  it('is not what no UTF-8 is', () => {
    expect(() => read(Buffer.from(object('\xff'), 'latin1'))).toThrow(ServiceError);
  });

  it('has the root that is expected', () => {
    expect(() => readXml(Buffer.from('<Other/>'), deletion, 'Delete')).toThrow(ServiceError);
    expect(readXml(Buffer.from('<n:Delete xmlns:n="x"/>'), deletion, 'Delete')).toEqual({});
  });

  it('may be as much as parts of an upload are', () => {
    const part = (number: number) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>&quot;${'a'.repeat(32)}&quot;</ETag></Part>`;
    const parts = Array.from({ length: 10_000 }, (_, index) => part(index + 1)).join('');
    const { Parts } = read(`<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`, completion) as {
      readonly Parts: readonly unknown[];
    };
    expect(Parts).toHaveLength(10_000);
    expect(Parts.at(-1)).toEqual({ PartNumber: 10_000, ETag: `"${'a'.repeat(32)}"` });
  });

  const mebibyte = 1024 * 1024;
  it.each([
    ['open elements', '<a>'.repeat(mebibyte / 3)],
    ['closed elements, one in another', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`],
    ['attributes', `<Delete ${Array.from({ length: 100_000 }, (_, index) => `a${index}=""`).join(' ')}/>`],
    ['one attribute', `<Delete a="${'&lt;'.repeat(mebibyte / 4)}"><`],
    ['spaces in a tag', `<Delete${' '.repeat(mebibyte)}`],
    ['spaces before the root', ' '.repeat(mebibyte)],
    ['a name', `<${'a'.repeat(mebibyte)}`],
    ['a name of an attribute', `<a ${'b'.repeat(mebibyte)}`],
    ['ampersands', object('&'.repeat(mebibyte))],
    ['open comments', `<Delete>${'<!--'.repeat(mebibyte / 4)}`],
    ['comments', `<Delete>${'<!---->'.repeat(mebibyte / 7)}`],
    ['instructions', `<Delete>${'<?'.repeat(mebibyte / 2)}`],
    ['brackets', object(']'.repeat(mebibyte)).slice(0, -3)],
    ['entities of entities', `<!DOCTYPE a [${'<!ENTITY a "&a;&a;">'.repeat(1000)}]><a>&a;</a>`],
  ])('of too many %s is refused soon', (_what, text) => {
    const beganMs = performance.now();
    expect(() => read(text)).toThrow(ServiceError);
    expect(performance.now() - beganMs).toBeLessThan(2000);
  });
});
