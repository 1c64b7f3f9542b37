import { describe, expect, it } from 'vitest';
import { AllowedHosts } from './allowed-hosts.ts';
import { assertSafeListen } from './safe-listen.ts';

describe('AllowedHosts', () => {
  const rows: readonly (readonly [host: string, isAllowed: boolean])[] = [
    ['localhost', true],
    ['localhost:4650', true],
    ['LOCALHOST.:4650', true],
    ['127.0.0.1:4650', true],
    ['127.8.9.10', true],
    ['[::1]:4650', true],
    ['[0:0:0:0:0:0:0:1]', true],
    ['[::ffff:127.0.0.1]', true],
    ['10.0.0.5:4650', true],
    ['192.0.2.7', true],
    ['10.0.0.6', false],
    ['gate.example', true],
    ['bucket.gate.example', true],
    ['123456789012.gate.example:80', true],
    ['streaming-gate.example', true],
    ['stream-localhost:4650', true],
    ['streaming-127.0.0.1:4650', true],
    ['my.bucket.localhost', true],
    ['evil.example', false],
    ['gate.example.evil.example', false],
    ['evilgate.example', false],
    ['127.0.0.1.evil.example', false],
    ['1.127.0.0.1', false],
    ['localhost@evil.example', false],
    ['localhost/evil', false],
    ['localhost evil', false],
    ['', false],
  ];
  const hosts = new AllowedHosts('10.0.0.5', ['Gate.example']);

  it.each(rows)('%s: %s', (host, isAllowed) => {
    expect(hosts.allows(host, '192.0.2.7')).toBe(isAllowed);
  });
});

describe('assertSafeListen', () => {
  it.each([
    [{ address: '127.0.0.1' }],
    [{ address: '::1' }],
    [{ address: 'localhost' }],
    [{ address: '0.0.0.0', tls: {} }],
    [{ address: '10.0.0.5', insecure: true }],
  ])('%o is safe', (listen) => {
    expect(() => assertSafeListen(listen)).not.toThrow();
  });

  it.each([['0.0.0.0'], ['::'], ['10.0.0.5'], ['127.evil.example'], ['host.example']])(
    '%s is not',
    (address) => {
      expect(() => assertSafeListen({ address })).toThrow(expect.objectContaining({ code: 'UnsafeListen' }));
    },
  );
});
