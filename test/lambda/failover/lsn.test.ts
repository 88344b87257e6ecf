import { bytesBetween, compareLsn } from '../../../lambda/failover/lsn';

describe('positions in the log', () => {
  test.each([
    ['0/3000100', '0/3000100', 0],
    ['0/3000100', '0/3000101', -1],
    ['0/3000101', '0/3000100', 1],
    // Not as texts, nor by the length of their parts.
    ['0/9', '0/10', -1],
    ['1/0', '0/FFFFFFFF', 1],
    ['A/0', '9/FFFFFFFF', 1],
    ['16/B374D848', '16/b374d848', 0],
    // Past what a double holds exactly.
    ['FFFFFFFF/FFFFFFFE', 'FFFFFFFF/FFFFFFFF', -1],
  ])('%s and %s compare as %d', (one, other, expected) => {
    expect(compareLsn(one, other)).toBe(expected);
  });

  test.each([
    ['0/0', '0/10', 16],
    ['0/FFFFFFFF', '1/0', 1],
    ['1/0', '0/FFFFFFFF', -1],
  ])('from %s to %s there are %d bytes', (from, to, bytes) => {
    expect(bytesBetween(from, to)).toBe(bytes);
  });
});
