import { HELP, parseArguments } from '../../trial/arguments';
import { TrialFailure } from '../../trial/failure';

test('nothing given: the stage of the settings, a free port, staying', () => {
  expect(parseArguments([])).toEqual({
    help: false,
    json: false,
    once: false,
    verbose: false,
    context: [],
    timeScale: 0,
  });
});

test('everything given', () => {
  const args = [
    '--stage',
    'load-balanced',
    '--port=4566',
    '-c',
    'web.port=81',
    '--context',
    'a=b=c',
    '--json',
    '--once',
    '--site-port=8081',
    '--time-scale',
    '0.1',
    '--network=90',
    '--folder=elsewhere',
  ];
  expect(parseArguments([...args, '--verbose'])).toEqual({
    help: false,
    stage: 'load-balanced',
    port: 4566,
    context: ['web.port=81', 'a=b=c'],
    json: true,
    once: true,
    verbose: true,
    sitePort: 8081,
    timeScale: 0.1,
    network: 90,
    folder: 'elsewhere',
  });
  expect(parseArguments(['-h']).help).toBe(true);
  expect(parseArguments(['--endpoint', 'http://localhost:4566/']).endpoint).toBe('http://localhost:4566');
});

test.each([
  [['--stge', 'replicated'], '--stge is not known: did you mean --stage?'],
  [['--stage=replicatd'], '--stage replicatd is not known: did you mean replicated?'],
  [['--stage', 'production'], '--stage production is not known: it is one of single-server,'],
  [['--stage'], '--stage needs a value'],
  [['--stage', '--json'], '--stage needs a value'],
  [['--time-scale', '2'], '--time-scale 2 is not a factor'],
  [['--network', '253'], '--network 253 is not one'],
  [['--site-port', '0'], '--site-port 0 is not a port'],
  [['load-balanced'], '"load-balanced" is not an option: did you mean --stage load-balanced?'],
  [['frobnicate-the-lot'], '"frobnicate-the-lot" is not an option: see npm start -- --help.'],
  [['-x'], '-x is not known: see npm start -- --help.'],
  [['--constructor'], '--constructor is not known: see'],
  [['--json=yes'], '--json takes no value, but "yes" was given.'],
  [['--port', '0'], '--port 0 is not a port: it is a whole number from 1 to 65535.'],
  [['--port', '65536'], '--port 65536 is not a port'],
  [['--port', '1e3'], '--port 1e3 is not a port'],
  [['--port', '80', '--endpoint', 'http://localhost:1'], 'give one of them'],
  [['--endpoint', 'localhost:4566'], '--endpoint localhost:4566 is not a URL such as http://localhost:4566.'],
  [['--endpoint', 'https://rds.us-east-1.amazonaws.com'], 'is AWS itself'],
  [['--endpoint', 'https://RDS.cn-north-1.AmazonAWS.com.cn.'], 'is AWS itself'],
  [['--endpoint', 'https://s3.us-east-1.api.aws'], 'is AWS itself'],
  [['-c', 'stage'], '-c stage is not of the form KEY=VALUE'],
])('%j: %s', (args, sentence) => {
  expect(() => parseArguments(args)).toThrow(TrialFailure);
  expect(() => parseArguments(args)).toThrow(sentence);
});

test('the help fits into 80 columns', () => {
  expect(Math.max(...HELP.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});
