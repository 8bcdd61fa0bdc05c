import { describe, expect, test } from '@jest/globals';
import { AllowedAddresses } from './addresses.js';

describe('an address that is not public', () => {
  const addresses = new AllowedAddresses();
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '::1',
    '::',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '2001:db8::1',
    'localhost',
  ])('is refused: %s', (address) => {
    expect(addresses.allow(address)).toBe(false);
  });
});

test('public addresses are allowed, and trusted no further', () => {
  const addresses = new AllowedAddresses();
  for (const address of ['93.184.216.34', '2606:2800:220:1::1', '::ffff:93.184.216.34']) {
    expect([address, addresses.allow(address), addresses.trust(address)]).toEqual([address, true, false]);
  }
});

test('the networks that an operator names are allowed, and nothing beside them', () => {
  const addresses = new AllowedAddresses(['10.20.0.0/16', '127.0.0.1', 'fd00:1::/32']);
  const allowed = ['10.20.3.4', '127.0.0.1', '::ffff:127.0.0.1', 'fd00:1::5'];
  const refused = ['10.21.0.1', '127.0.0.2', 'fd00:2::5'];
  expect(allowed.map((address) => addresses.trust(address))).toEqual([true, true, true, true]);
  expect(refused.map((address) => addresses.allow(address))).toEqual([false, false, false]);
});

test('what is no network is said', () => {
  expect(() => new AllowedAddresses(['10.0.0.0/99'])).toThrow('10.0.0.0/99 is no network');
  expect(() => new AllowedAddresses(['inside'])).toThrow('inside is no network');
});
