import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

const pieces = fc.oneof(
  fc.record({ kind: fc.constant('uint8' as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('uint32' as const), value: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant('float64' as const), value: fc.double({ noNaN: true }) }),
  fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'grapheme' }) }),
  fc.record({ kind: fc.constant('room' as const), value: fc.nat(40) }),
);

it('what was written is read, wherever the bytes had to grow', () => {
  fc.assert(
    fc.property(fc.array(pieces), fc.integer({ min: 1, max: 64 }), (written, capacity) => {
      const writer = new ByteWriter(capacity);
      for (const piece of written) {
        if (piece.kind === 'room') {
          const { buffer, offset } = writer.room(piece.value * 8);
          new Float64Array(buffer, offset, piece.value).fill(piece.value + 0.5);
        } else if (piece.kind === 'text') writer.text(piece.value);
        else writer[piece.kind](piece.value);
      }
      const reader = new ByteReader(writer.finish());
      for (const piece of written) {
        if (piece.kind === 'room') {
          const { buffer, offset } = reader.room(piece.value * 8);
          const found = new Float64Array(buffer, offset, piece.value);
          expect(found.every((value) => value === piece.value + 0.5)).toBe(true);
        } else expect(reader[piece.kind]()).toBe(piece.value);
      }
      expect(reader.isAtEnd).toBe(true);
    }),
  );
});
