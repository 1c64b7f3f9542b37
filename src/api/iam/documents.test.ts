import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shownDocument } from './documents.ts';

it('percent-encodes everything but unreserved characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const shown = shownDocument(text);
      expect(shown).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
      expect(decodeURIComponent(shown)).toBe(text);
    }),
  );
});
