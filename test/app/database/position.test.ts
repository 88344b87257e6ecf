import {
  formatPosition,
  isAtLeast,
  laterOf,
  parsePosition,
  positionOf,
} from '../../../app/database/position';
import { GARBAGE } from './garbage';

test.each([
  ['1-0/16B3748', { timeline: 1, lsn: 0x16b3748n }],
  ['4294967295-FFFFFFFF/FFFFFFFF', { timeline: 4294967295, lsn: 0xffffffffffffffffn }],
  ['2-1/0', { timeline: 2, lsn: 0x100000000n }],
])('%s is read, and written the same', (text, position) => {
  expect(parsePosition(text)).toEqual(position);
  expect(formatPosition(position)).toBe(text);
});

test.each(GARBAGE)('%j is no position', (text) => {
  expect(parsePosition(text)).toBeUndefined();
});

test('what a server itself says must be one', () => {
  expect(positionOf({ timeline: '3', lsn: '0/1A' })).toEqual({ timeline: 3, lsn: 26n });
  expect(() => positionOf({ timeline: '3', lsn: null as unknown as string })).toThrow('gave no position');
  expect(() => positionOf(undefined)).toThrow('gave no position');
});

test.each([
  ['1-0/10', '1-0/10', true],
  ['1-0/11', '1-0/10', true],
  ['1-0/F', '1-0/10', false],
  ['1-1/0', '1-0/FFFFFFFF', true],
  // After a failover: the new timeline has what survived of the old one, the old nothing of the new.
  ['2-0/1', '1-0/FF', true],
  ['1-0/FF', '2-0/1', false],
  ['10-0/1', '9-0/1', true],
])('%s has all of %s: %s', (place, token, has) => {
  const [a, b] = [parsePosition(place)!, parsePosition(token)!];
  expect(isAtLeast(a, b)).toBe(has);
  expect(laterOf(a, b)).toEqual(has ? a : b);
  expect(laterOf(a, undefined)).toBe(a);
});
