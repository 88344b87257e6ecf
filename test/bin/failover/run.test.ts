import { COMMANDS, HELP } from '../../../bin/failover/run';
import { Failure } from '../../../lib/terminal/failure';
import { FakeJournal, said } from './stand';

test.each([
  '--help',
  '-h',
  'help',
  '--trial --help',
  ...[...COMMANDS.keys()].map((name) => `${name} --help`),
])('%s helps', async (command) => {
  const { code, out, err } = await said(command);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^npm run failover -- /);
});

test('without a command all are listed, and the exit code is that of wrong words', async () => {
  const { code, out } = await said('');
  expect(code).toBe(2);
  for (const name of COMMANDS.keys()) expect(out).toContain(`  ${name} `);
});

test('all help fits into 80 columns', () => {
  for (const help of [HELP, ...[...COMMANDS.values()].map((command) => command.help)]) {
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
  }
});

test.each([
  ['statsu', '"statsu" is no command: did you mean status?'],
  ['switch-over', '"switch-over" is no command: did you mean switchover?'],
  ['status --wach', '--wach is not known to status: did you mean --watch?'],
  ['switchover --too replica-1', '--too is not known to switchover: did you mean --to?'],
  ['status now', '"now" means nothing to status: see npm run failover -- status --help.'],
  ['status --json=yes', '--json takes no value, but "yes" was given.'],
  ['status -c env', '-c env is not of the form KEY=VALUE, such as -c env=prod.'],
  ['status -c', '--context needs a value: see npm run failover -- status --help.'],
  ['history --limit 0', '--limit 0 is not a whole number from 1 to 1000.'],
  ['history --limit many', '--limit many is not a whole number from 1 to 1000.'],
  ['hold', 'hold needs --why "TEXT": the reason stands in the journal for whoever looks later.'],
  ['promote --yes', 'promote needs --why "TEXT": the reason stands in the journal for whoever looks later.'],
  ['promote --why=', 'promote needs --why "TEXT": the reason stands in the journal for whoever looks later.'],
  ['waive --why x', '"waive" is no command here: it is npm run recover -- waive --why "TEXT"'],
  [`hold --why ${'x'.repeat(501)}`, '--why has 501 letters: 500 are the most.'],
])('%s', async (command, sentence) => {
  const journal = new FakeJournal();
  const { code, out, err } = await said(command, { journal });
  expect([code, out, err]).toEqual([2, '', `${sentence}\n`]);
  expect(journal.puts).toEqual([]);
});

test('settings that do not fit are all told, and nothing is opened', async () => {
  const { code, err } = await said('status -c env=prd -c stge=replicated', {
    changes: { open: () => Promise.reject(new Error('opened')) },
  });
  expect(code).toBe(1);
  expect(err).toContain('2 problems in the settings');
  expect(err).toContain('did you mean "prod"?');
});

test('options of all commands may stand before the command; the site is that of the settings', async () => {
  const seen: unknown[] = [];
  await said('-c env=dev -c region=eu-central-1 status', {
    changes: {
      open: async (site) => {
        seen.push([site.stack, site.region, site.trial]);
        return new FakeJournal();
      },
    },
  });
  expect(seen).toEqual([['mysite-dev-data', 'eu-central-1', undefined]]);
});

test('without a trial, --trial is one sentence', async () => {
  const { code, out, err } = await said('status --trial');
  expect([code, out]).toEqual([1, '']);
  expect(err).toBe('No trial is running: start one with npm start, or leave out --trial.\n');
});

test('with --json what fails is a document as well', async () => {
  const fails = { open: () => Promise.reject(new Failure('There are no AWS credentials here.')) };
  const { code, out, err } = await said('status --json', { changes: fails });
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual({ error: 'There are no AWS credentials here.', isRefusal: false });
  expect(err).toBe('There are no AWS credentials here.\n');
});

test('what nobody has foreseen is said to be so, without a stack trace', async () => {
  const fails = { open: () => Promise.reject(new TypeError('x is not a function')) };
  const { code, err } = await said('status', { changes: fails });
  expect([code, err]).toEqual([1, 'That failed unforeseen: x is not a function. Please report it.\n']);
});

test.each(['status', 'history', 'hold --why x', 'release', 'acknowledge --json'])(
  '%s closes the journal',
  async (command) => {
    const journal = new FakeJournal();
    await said(command.split(' '), { journal });
    expect(journal.closed).toBe(1);
  },
);
