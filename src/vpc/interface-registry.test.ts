import { describe, expect, it } from 'vitest';
import { InterfaceRegistry } from './interface-registry.ts';

describe('InterfaceRegistry', () => {
  it('numbers interfaces in the order they come, and keeps the number of one described anew', () => {
    const registry = new InterfaceRegistry();
    const put = (NetworkInterfaceId: string, Description: string) =>
      registry.put({ NetworkInterfaceId, Description });
    expect([put('eni-1', 'a'), put('eni-2', 'b'), put('eni-1', 'c')]).toEqual([0, 1, 0]);
    expect(registry.size).toBe(2);
    expect(registry.get(0).Description).toBe('c');
    expect([registry.indexOf('eni-2'), registry.indexOf('eni-3')]).toEqual([1, undefined]);
  });
});
