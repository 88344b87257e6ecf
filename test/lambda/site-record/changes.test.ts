import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { giveBack, leading, leadsAlike, takeOver, wantedRecord } from '../../../lambda/site-record/changes';

const NAME = 'api.mysite.com';
const alias = wantedRecord({
  HostedZoneId: 'Z1',
  Name: NAME,
  Alias: { DNSName: 'dualstack.Web-1.elb.amazonaws.com', HostedZoneId: 'Z2' },
});
const address = wantedRecord({
  HostedZoneId: 'Z1',
  Name: NAME,
  Address: { Value: '192.0.2.1', Seconds: '60' },
});

const record = (Type: ResourceRecordSet['Type'], Value: string, more: object = {}): ResourceRecordSet => ({
  Name: `${NAME}.`,
  Type,
  TTL: 300,
  ResourceRecords: [{ Value }],
  ...more,
});
const FORMER = record('A', '198.51.100.7');
const FORMER_6 = record('AAAA', '2001:db8::7');
const FORMER_NAME = record('CNAME', 'old.example.com');

test('the record is an alias, or an address with its time to live', () => {
  expect(alias).toEqual({
    Name: NAME,
    Type: 'A',
    AliasTarget: {
      DNSName: 'dualstack.Web-1.elb.amazonaws.com',
      HostedZoneId: 'Z2',
      EvaluateTargetHealth: false,
    },
  });
  expect(address).toEqual({ Name: NAME, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] });
  expect(() => wantedRecord({ HostedZoneId: 'Z1', Name: NAME })).toThrow('neither an alias nor an address');
});

test('of the records of a zone those count that lead to an address, at this very name', () => {
  const others = [
    record('MX', '10 mail.mysite.com'),
    record('TXT', '"x"'),
    record('A', '192.0.2.9', { Name: `b.${NAME}.` }),
  ];
  expect(leading([FORMER, ...others, FORMER_6], NAME)).toEqual([FORMER, FORMER_6]);
});

const upsert = { Action: 'UPSERT', ResourceRecordSet: alias };
const deletion = (one: ResourceRecordSet) => ({ Action: 'DELETE', ResourceRecordSet: one });
const weighted = record('A', '198.51.100.8', { SetIdentifier: 'one', Weight: 1 });

test.each<[string, ResourceRecordSet[], object[]]>([
  ['nothing', [], [upsert]],
  ['an address, which it replaces', [FORMER], [upsert]],
  ['addresses of both kinds', [FORMER, FORMER_6], [deletion(FORMER_6), upsert]],
  ['another name', [FORMER_NAME], [deletion(FORMER_NAME), upsert]],
  ['a weighted address', [weighted], [deletion(weighted), upsert]],
])('a name is taken over from %s', (_, present, changes) => {
  expect(takeOver(alias, present)).toEqual(changes);
});

/** As Route 53 shows what was written. */
const shown = {
  ...alias,
  Name: `${NAME}.`,
  AliasTarget: { ...alias.AliasTarget!, DNSName: 'dualstack.web-1.elb.amazonaws.com.' },
};

test('what was there before comes back with the deletion of what is there now', () => {
  expect(giveBack(alias, [shown], [FORMER, FORMER_6])).toEqual([
    deletion(shown),
    { Action: 'CREATE', ResourceRecordSet: FORMER },
    { Action: 'CREATE', ResourceRecordSet: FORMER_6 },
  ]);
  expect(giveBack(alias, [shown], [])).toEqual([deletion(shown)]);
});

test('a name that leads elsewhere by now is left alone', () => {
  expect(giveBack(alias, [FORMER], [FORMER_6])).toEqual([]);
  expect(giveBack(alias, [], [FORMER])).toEqual([]);
});

test('records lead alike by name, type and target', () => {
  expect(leadsAlike(alias, shown)).toBe(true);
  expect(leadsAlike(address, { ...address, TTL: 300 })).toBe(true);
  expect(leadsAlike(alias, address)).toBe(false);
  expect(leadsAlike(address, weighted)).toBe(false);
  expect(leadsAlike(FORMER, { ...FORMER, SetIdentifier: 'one' })).toBe(false);
});
