import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { remember, remembered } from '../../../lambda/site-record/remembered';

const records = (count: number): ResourceRecordSet[] =>
  Array.from({ length: count }, (_, n) => ({
    Name: 'api.mysite.com.',
    Type: 'A',
    SetIdentifier: `set ${n}`,
    Weight: n,
    TTL: 300,
    ResourceRecords: [{ Value: `192.0.2.${n}` }],
  }));

test.each([0, 1, 2, 5])('%d records are remembered', (count) => {
  const id = remember('api.mysite.com', records(count));
  expect(id.startsWith('api.mysite.com')).toBe(true);
  expect(remembered(id)).toEqual(records(count));
});

test('what is too much for a physical id is refused', () => {
  expect(() => remember('api.mysite.com', records(20))).toThrow(
    /^the 20 records of api\.mysite\.com are too many to be put back .* at most 1024\)/,
  );
});

test.each([undefined, '', 'api.mysite.com', 'nothing'])('nothing is remembered by %j', (id) => {
  expect(remembered(id)).toEqual([]);
});
