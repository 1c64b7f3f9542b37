import { expect, it } from 'vitest';
import { Pins } from './pins.ts';

it('what is retired is let go when those who pinned before have released', () => {
  const pins = new Pins();
  const freed: string[] = [];
  const retire = (name: string) => pins.retire(() => freed.push(name));
  retire('unused');
  expect(freed).toEqual(['unused']);
  const early = pins.pin();
  const twin = pins.pin();
  retire('first');
  const late = pins.pin();
  retire('second');
  early();
  early();
  expect(freed).toEqual(['unused']);
  twin();
  expect(freed).toEqual(['unused', 'first']);
  late();
  expect(freed).toEqual(['unused', 'first', 'second']);
  pins.pin();
  retire('third');
  expect(freed).toHaveLength(3);
});
