import type { Fault } from '../../../trial/control/contract';
import { named } from '../../../trial/commands/fault-names';
import { FORMS, parseFault } from '../../../trial/commands/fault-words';
import { UsageFailure } from '../../../lib/terminal/usage';
import { WELL, primary, replica } from '../view/facts';

const words = (text: string) => text.split(' ').filter(Boolean);

const MEANT: [string, Fault][] = [
  ['kill server 1', { kind: 'kill-server', server: '1' }],
  ['kill database replica-1', { kind: 'kill-database', database: 'replica-1', stays: false }],
  ['kill database replica-1 --stays', { kind: 'kill-database', database: 'replica-1', stays: true }],
  ['kill function failover', { kind: 'kill-function', function: 'failover' }],
  ['cut-off controller', { kind: 'cut-off-controller' }],
  ['reconnect controller', { kind: 'reconnect-controller' }],
  ['release database primary', { kind: 'release-database', database: 'primary' }],
  ['release primary', { kind: 'release-database', database: 'primary' }],
  ['freeze database primary', { kind: 'freeze-database', database: 'primary', stays: false }],
  ['freeze primary --stays', { kind: 'freeze-database', database: 'primary', stays: true }],
  ['thaw database primary', { kind: 'thaw-database', database: 'primary' }],
  ['cut-off primary from clients', { kind: 'cut-off', database: 'primary', from: 'clients' }],
  ['cut-off database primary from everybody', { kind: 'cut-off', database: 'primary', from: 'everybody' }],
  ['reconnect primary to replicas', { kind: 'reconnect', database: 'primary', to: 'replicas' }],
  [
    'slow primary for controller 200ms',
    { kind: 'slow-network', database: 'primary', from: 'controller', milliseconds: 200 },
  ],
  ['fill-disk primary', { kind: 'fill-disk', database: 'primary' }],
  ['empty-disk primary', { kind: 'empty-disk', database: 'primary' }],
  ['delay-replay replica-1 2s', { kind: 'delay-replay', database: 'replica-1', seconds: 2 }],
  ['delay-replay replica-1 1.5min', { kind: 'delay-replay', database: 'replica-1', seconds: 90 }],
  ['delay-replay replica-1 0', { kind: 'delay-replay', database: 'replica-1', seconds: 0 }],
  ['events unordered', { kind: 'events', how: 'unordered' }],
  ['api ModifyDBInstance throttle', { kind: 'api', operation: 'ModifyDBInstance', how: 'throttle' }],
  ['api modifydbinstance work', { kind: 'api', operation: 'ModifyDBInstance', how: 'work' }],
  ['api all slow', { kind: 'api', operation: '*', how: 'slow' }],
  ['api * fail', { kind: 'api', operation: '*', how: 'fail' }],
  ['heal', { kind: 'heal' }],
];

test.each(MEANT)('%s', (text, fault) => {
  expect(parseFault(words(text))).toEqual(fault);
});

test('there is an example of each form', () => {
  const kinds = new Set(MEANT.map(([, { kind }]) => kind));
  expect(kinds.size).toBe(FORMS.length);
});

test.each([
  ['', /^After "fault" comes kill, release, freeze, .* or heal\.$/],
  ['kil server 1', /^"kil" is not known after "fault": did you mean kill\?$/],
  ['kill', /^After "fault kill" comes server, database or function\.$/],
  ['kill primary', /^"primary" is not known after "fault kill": it is server, database or function\.$/],
  ['kill databse primary', /did you mean database\?$/],
  ['kill server', /^After "fault kill server" comes a server: its number in status, or its id\.$/],
  ['kill server 1 2', /^"2" is one word too many after "fault kill server 1"\.$/],
  ['freeze', /^After "fault freeze" comes a database, such as primary or replica-1\.$/],
  ['cut-off primary to clients', /^"to" is not known after "fault cut-off primary": it is from\.$/],
  ['cut-off primary from', /comes clients, controller, replicas or everybody\.$/],
  ['cut-off primary from client', /did you mean clients\?$/],
  ['cut-off primary from the-world-outside', /it is clients, controller, replicas or everybody\.$/],
  ['slow primary for clients', /comes a time, such as 200ms or 2s\.$/],
  ['slow primary for clients 200', /^"200" is not a time: write it as 200ms, 2s or 1min\.$/],
  ['slow primary for clients 2h', /is not a time/],
  ['slow primary for clients 61s', /^61s is too long: 60s is the most\.$/],
  ['delay-replay replica-1 -1s', /is not a time|is not known/],
  ['delay-replay replica-1 2h', /is not a time/],
  ['delay-replay replica-1 61min', /^61min is too long: 60min is the most\.$/],
  ['events vanish', /^"vanish" is not known after "fault events": it is drop, late, unordered or deliver\.$/],
  ['events lte', /did you mean late\?$/],
  [
    'api ModifyDBInstanc fail',
    /^"ModifyDBInstanc" is no operation of the trial's RDS: did you mean ModifyDBInstance\?$/,
  ],
  ['api Frobnicate fail', /it is AddTagsToResource, .* or StopDBInstance\.$/],
  ['api ModifyDBInstance brake', /it is fail, throttle, slow or work\.$/],
  ['heal primary', /one word too many/],
  ['thaw primary --stays', /^--stays is for "kill database" and "freeze" only/],
  ['kill database primary --stay', /^--stay is not known to fault: did you mean --stays\?$/],
])('%s: %s', (text, sentence) => {
  expect(() => parseFault(words(text))).toThrow(UsageFailure);
  expect(() => parseFault(words(text))).toThrow(sentence);
});

describe('names', () => {
  const of = (text: string, facts = WELL) => {
    const fault = named(parseFault(words(text)), facts);
    return 'database' in fault ? fault.database : 'server' in fault ? fault.server : undefined;
  };

  test.each([
    ['kill server 2', 'i-0123456789abcdef1'],
    ['kill server i-0123456789abcdef0', 'i-0123456789abcdef0'],
    ['freeze primary', 'mysite-primary'],
    ['freeze mysite-replica-2', 'mysite-replica-2'],
    ['freeze replica-2', 'mysite-replica-2'],
    ['heal', undefined],
  ])('%s: %s', (text, name) => {
    expect(of(text)).toBe(name);
  });

  test('the primary is found also under the name of a replica', () => {
    const databases = [primary({ identifier: 'mysite-replica-1' }), replica(2)];
    expect(of('freeze primary', { ...WELL, databases })).toBe('mysite-replica-1');
    const old = primary({ role: 'retired' });
    expect(of('freeze primary', { ...WELL, databases: [old, ...databases] })).toBe('mysite-replica-1');
    const both = [primary({ identifier: 'old-primary' }), primary({ identifier: 'new-primary' })];
    expect(() => of('freeze primary', { ...WELL, databases: both })).toThrow(
      '"primary" may be old-primary or new-primary: say which.',
    );
  });

  test.each([
    ['kill server 3', 'There is no server "3": there is 1 (i-0123456789abcdef0), 2 (i-0123456789abcdef1).'],
    ['freeze replca-1', 'There is no database "replca-1": did you mean replica-1? There is mysite-primary, '],
    [
      'freeze something-else-entirely',
      'entirely": there is mysite-primary, mysite-replica-1, mysite-replica-2.',
    ],
  ])('%s: %s', (text, sentence) => {
    expect(() => of(text)).toThrow(sentence);
  });

  test('where there is none, that is told', () => {
    expect(() => of('freeze primary', { ...WELL, databases: [] })).toThrow('there is none at all.');
  });
});
