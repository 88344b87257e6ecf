/** The boot script run to its end, on a stand-in of a server. */
import { spawnSync } from 'node:child_process';
import { bootScript, sha256 } from '../../../lib/web/boot-script';
import { userData, type UserDataProps } from '../../../lib/web/user-data';
import {
  ONE_OF_MANY,
  SINGLE_SERVER,
  SINGLE_SERVER_WITHOUT_DOMAIN,
  SPLIT_DATABASE,
} from '../../support/stand-ins/boot-props';
import { requireBash, Server } from '../../support/stand-ins/server';

const CLUSTER = 'data/postgresql/17/PG_VERSION';
const MOVED = 'data/postgresql/moved';

let server: Server;
beforeAll(requireBash);
beforeEach(() => {
  server = new Server();
});
afterEach(() => server.remove());

const scriptOf = (props: UserDataProps) => bootScript(props.loneServer?.database.kind);

const boot = (props: UserDataProps) => server.boot(userData(props), scriptOf(props));

/** The calls that change something, shortened to what tells them apart; psql's order beside pg_dump is by chance. */
const told = (calls: readonly string[]) =>
  calls
    .filter(
      (call) =>
        !/^(logger|id|curl|psql|sleep|mountpoint|blkid|runuser|aws ec2 describe)|daemon-reload/.test(call),
    )
    .map((call) => /^(aws \S+ \S+|systemctl .*|cfn-signal --exit-code \d|dnf .*|\S+)/.exec(call)?.[0]);

const withOldData = () => server.put(CLUSTER, '17\n').says('tables-old', 'public.notes\ns.t');

describe('the steps', () => {
  test.each<[string, UserDataProps, () => void]>([
    ['load-balanced and replicated', ONE_OF_MANY, () => undefined],
    ['single-server', SINGLE_SERVER, () => undefined],
    ['single-server without a domain', SINGLE_SERVER_WITHOUT_DOMAIN, () => undefined],
    ['split-database, new', SPLIT_DATABASE, () => undefined],
    ['split-database with the data of single-server', SPLIT_DATABASE, withOldData],
    ['split-database, moved already', SPLIT_DATABASE, () => withOldData().put(MOVED, '')],
  ])('%s', (_, props, prepare) => {
    prepare();
    const { code, output, calls } = boot(props);
    expect(output).toContain('boot: the server is ready');
    expect(code).toBe(0);
    expect(told(calls)).toMatchSnapshot();
  });
});

test.each<[string, UserDataProps]>([
  ['one of many', ONE_OF_MANY],
  ['a lone server with its database', SINGLE_SERVER],
  ['a lone server that moved its data', SPLIT_DATABASE],
])('a second run on %s is harmless', (_, props) => {
  if (props === SPLIT_DATABASE) withOldData();
  expect(boot(props).code).toBe(0);
  const { code, calls } = boot(props);
  expect(code).toBe(0);
  expect(calls.join('\n')).not.toMatch(/^(useradd|mkfs|initdb|mount |pg_dump|aws ec2 attach)/m);
  if (props.loneServer) expect(server.read('etc/fstab').trim().split('\n')).toHaveLength(1);
});

test('a new database has the order of texts that RDS has, and whoever starts it has that locale', () => {
  const locale = 'glibc-langpack-en';
  const first = boot(SINGLE_SERVER).calls.join('\n');
  expect(first).toMatch(new RegExp(`^dnf .*postgresql17-server .*${locale}`, 'm'));
  expect(first).toMatch(/^initdb .*--locale en_US\.UTF-8/m);
  withOldData();
  expect(boot(SPLIT_DATABASE).calls.join('\n')).toMatch(
    new RegExp(`^dnf .*postgresql17-server .*${locale}`, 'm'),
  );
});

describe('the environment of the site', () => {
  // The shell reads double quotes by the same four escapes as systemd does, so it is the judge here.
  test.each([
    'plain',
    '',
    ' leading and trailing ',
    `it's "quoted"`,
    '$HOME ${HOME} $(id) `id`',
    'back\\slash \\n \\" \\$',
    '100% %n %%',
    '# no comment ; none either',
    'a=b&c=d!e*f?g',
    'schöne Grüße, 東京',
  ])('%j survives', (value) => {
    expect(boot({ ...ONE_OF_MANY, environment: { NASTY: value } }).code).toBe(0);
    const script = `set -u; . "${server.root}/opt/mysite/environment"; printf %s "$NASTY"`;
    expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout).toBe(value);
  });

  test('is for root alone, and names the server', () => {
    boot(ONE_OF_MANY);
    const file = server.read('opt/mysite/environment');
    expect(file).toContain('SERVER_ID="i-0123456789abcdef0"\nSERVER_ZONE="eu-central-1a"\n');
    expect(file).toContain('DATABASE_CA_FILE="/opt/mysite/rds-ca.pem"\n');
    expect(server.mode('opt/mysite/environment')).toBe('600');
    expect(server.mode('opt/mysite/start')).toBe('755');
  });

  test.each([
    ['echo "$PORT"', '8080'],
    ["printf %s 'it'", 'it'],
    ['GREETING=hello printenv GREETING', 'hello'],
    ['cd / && pwd', '/'],
    [`printf '%s' "a'b\\c"`, "a'b\\c"],
  ])('the start command is a line of the shell: %s', (startCommand, said) => {
    boot({ ...ONE_OF_MANY, startCommand });
    const { stdout } = spawnSync('sh', [`${server.root}/opt/mysite/start`], {
      encoding: 'utf8',
      env: { ...process.env, PORT: '8080' },
    });
    expect(stdout.trim()).toBe(said);
  });

  test('the unit gives the site ten seconds more than it drains', () => {
    boot({ ...ONE_OF_MANY, drainSeconds: 45 });
    expect(server.read('etc/systemd/system/site.service')).toContain('TimeoutStopSec=55\n');
  });
});

describe('a boot that fails says so at once', () => {
  const fails = (props: UserDataProps, reason: string) => {
    const { code, output, calls } = boot(props);
    expect(output).toContain(`boot failed: ${reason}`);
    expect(code).not.toBe(0);
    expect(calls.join('\n')).toMatch(/^cfn-signal --exit-code [1-9]/m);
    return calls.join('\n');
  };

  test.each<[string, string]>([
    ['script', 'the boot script could not be fetched from s3://'],
    ['dnf', 'dnf could not install unzip nodejs24'],
    ['artifact', 'the site could not be fetched from s3://'],
    ['curl', 'ask the metadata service which server this is'],
  ])('%s', (key, reason) => {
    server.fails(key);
    expect(fails(ONE_OF_MANY, reason)).not.toContain('systemctl restart site.service');
  });

  test('a boot script that is not the one that was deployed', () => {
    const { code, output, calls } = server.boot(userData(ONE_OF_MANY), scriptOf(SINGLE_SERVER));
    expect(output).toMatch(/boot failed: s3:\/\/\S+ is not the boot script that was deployed/);
    expect(code).not.toBe(0);
    expect(calls.join('\n')).toMatch(/^cfn-signal --exit-code [1-9]/m);
    expect(calls.join('\n')).not.toMatch(/^dnf/m);
  });

  test('a trust store that is none', () => {
    server.says('ca', '<html>');
    fails(ONE_OF_MANY, 'the trust store of RDS holds no certificate');
  });

  test('a site that is never healthy', () => {
    server.says('health', '503');
    expect(fails(SINGLE_SERVER, 'no 200 from port 8080/healthz')).not.toContain('associate-address');
  });

  test('an address that cannot be claimed, after six tries', () => {
    server.fails('address');
    const calls = fails(SINGLE_SERVER, 'the address eipalloc-0123456789abcdef0 could not be claimed');
    expect(calls.match(/associate-address/g)).toHaveLength(6);
    expect(calls).not.toContain('restart nginx');
  });

  test.each<[string, UserDataProps]>([
    ['one of many', ONE_OF_MANY],
    ['a lone server', SINGLE_SERVER],
  ])('%s that no stack waits for is given up, so that its group replaces it', (_, props) => {
    server.says('health', '503').fails('cfn-signal');
    const { calls } = boot(props);
    expect(calls.filter((call) => /^aws autoscaling/.test(call))).toEqual([
      'aws autoscaling set-instance-health --instance-id i-0123456789abcdef0 --health-status Unhealthy --no-should-respect-grace-period',
    ]);
  });

  test('one that serves is not given up, nor one that does not know who it is', () => {
    expect(boot(SINGLE_SERVER).calls.join('\n')).not.toMatch(/^aws autoscaling/m);
    server.fails('curl');
    expect(fails(ONE_OF_MANY, 'ask the metadata')).not.toMatch(/^aws autoscaling/m);
  });

  test('without a stack nobody is told', () => {
    server.fails('dnf');
    expect(boot({ ...ONE_OF_MANY, signal: undefined }).calls.join()).not.toMatch(/cfn-signal|autoscaling/);
  });
});

test('what fails a few times is tried again', () => {
  server.fails('dnf', 2).fails('artifact', 2).fails('address', 2).fails('held', 3);
  expect(boot(SINGLE_SERVER).code).toBe(0);
});

test('a signal that no stack waits for does not fail the boot', () => {
  server.fails('cfn-signal');
  const { code, output } = boot(ONE_OF_MANY);
  expect(output).toContain('boot: no stack waits for the signal');
  expect(code).toBe(0);
});

describe('the data volume is never formatted', () => {
  const notFormatted = (code: number) => {
    const run = boot(SINGLE_SERVER);
    expect(run.calls.join('\n')).not.toContain('mkfs');
    expect(run.code).toBe(code);
    return run.output;
  };

  test('when it has a file system', () => {
    server.keep('formatted', '');
    notFormatted(0);
  });

  test.each<[string, string, string]>([
    ['blkid finds several', '8', ''],
    ['blkid is used wrongly', '4', ''],
    ['there is a partition table only', '0', ''],
    ['there is another file system', '0', 'ext4'],
  ])('when %s', (_, code, answer) => {
    server.says('blkid', answer).says('blkid-code', code);
    expect(notFormatted(1)).toContain('blkid cannot tell what is on vol-0123456789abcdef0');
  });

  test('when blkid knows nothing but the volume is not blank', () => {
    server.says('content', 'LUKS');
    expect(notFormatted(1)).toContain('is not blank: it is left alone');
  });

  test('when another server keeps it', () => {
    server.fails('held');
    expect(notFormatted(1)).toContain('did not come within ten minutes');
  });
});

describe('the certificate', () => {
  const site = () => server.link('etc/nginx/site.conf');

  test('is awaited over plain HTTP', () => {
    boot(SINGLE_SERVER);
    expect(site()).toBe('http.conf');
    expect(server.read('etc/systemd/system/certificate.service')).toContain(
      '--email operators@mysite.example --webroot --webroot-path /var/lib/acme-webroot --config-dir /data/letsencrypt',
    );
  });

  test('is taken from the data volume by the next server', () => {
    server.putLink('data/letsencrypt/live/api.mysite.example/fullchain.pem', '../../archive/fullchain1.pem');
    boot(SINGLE_SERVER);
    expect(site()).toBe('https.conf');
    expect(server.read('etc/nginx/https.conf')).toContain(
      'return 301 https://api.mysite.example$request_uri;',
    );
  });

  test('is not asked for without a domain', () => {
    boot(SINGLE_SERVER_WITHOUT_DOMAIN);
    expect(site()).toBe('http.conf');
    expect(server.has('etc/systemd/system/certificate.service')).toBe(false);
  });
});

describe('the move to RDS', () => {
  test('commits only behind a whole dump and equal counts, and is remembered', () => {
    withOldData().says('tables-target', 'blueprint.heartbeat');
    expect(boot(SPLIT_DATABASE).code).toBe(0);
    expect(server.kept('input-target').trim().split('\n')).toEqual([
      'begin;',
      'create table public.notes ();',
      'do $c$ begin assert true; end $c$;',
      'commit;',
    ]);
    expect(server.has(MOVED)).toBe(true);
    expect(server.has(CLUSTER)).toBe(true);
  });

  test('verifies the certificate of the name behind the alias', () => {
    withOldData();
    boot(SPLIT_DATABASE);
    expect(server.kept('service-file')).toContain('host=mysite-primary.abc.eu-central-1.rds.amazonaws.com\n');
    expect(server.kept('service-file')).toContain('sslmode=verify-full\n');
  });

  test('takes the endpoint itself when the name is no alias', () => {
    withOldData().says('cname', '');
    boot(SPLIT_DATABASE);
    expect(server.kept('service-file')).toContain('host=writer.mysite.internal\n');
  });

  test('leaves the password in no call, no log and no file', () => {
    withOldData();
    const { output, calls } = boot(SPLIT_DATABASE);
    expect(server.kept('service-file')).toContain('password=p=a#s$s "word\n');
    expect(output + calls.join('\n')).not.toContain('p=a#s');
    expect(server.has('run/move.conf')).toBe(false);
  });

  test.each(['dump', 'copy'])('a %s that fails changes nothing', (key) => {
    withOldData().fails(key);
    const { code, output, calls } = boot(SPLIT_DATABASE);
    expect(output).toContain('boot failed: the data could not be moved');
    expect(code).toBe(1);
    if (key === 'dump') expect(server.kept('input-target')).not.toContain('commit');
    expect(server.has(MOVED)).toBe(false);
    expect(server.has('run/move.conf')).toBe(false);
    expect(calls.join()).not.toContain('site.service');
  });

  test('is refused where RDS holds the same tables: a person decides', () => {
    withOldData().says('tables-target', 'public.notes\npublic.other');
    const { code, output, calls } = boot(SPLIT_DATABASE);
    expect(output).toContain('both hold public.notes: keep RDS by');
    expect(code).toBe(1);
    expect(calls.join()).not.toMatch(/pg_dump|restart site/);
    expect(server.has(MOVED)).toBe(false);
  });

  test('is not remembered while the site has not been healthy, so that a roll-back works', () => {
    withOldData().says('health', '503');
    expect(boot(SPLIT_DATABASE).code).toBe(1);
    expect(server.has(MOVED)).toBe(false);
  });

  test('is not undone in silence: the old copy is not served again', () => {
    server.put(CLUSTER, '17\n').put(MOVED, '');
    const { code, output, calls } = boot(SINGLE_SERVER);
    expect(output).toContain('the data has moved to RDS');
    expect(code).toBe(1);
    expect(calls.join()).not.toContain('restart postgresql');
  });
});

// What a slip of the hand looks like: each must fail some run above. Here they are planted, one at a time.
test.each<[string, UserDataProps, string, string]>([
  ['a misspelt program', ONE_OF_MANY, 'useradd --system', 'userad --system'],
  ['a misspelt function', SINGLE_SERVER, '\n  mount_volume\n', '\n  mount_volum\n'],
  ['a misspelt variable', ONE_OF_MANY, '$HEALTH_PATH', '$HEALTHPATH'],
  ['a variable that is not set', SINGLE_SERVER, '--device "$DEVICE"', '--device "$DEVICE_NAME"'],
  ['a missing fi', ONE_OF_MANY, '\n  fi\n', '\n'],
  ['a missing quote', SINGLE_SERVER, 'runuser -u postgres -- "$@"', 'runuser -u postgres -- "$@'],
  ['a misspelt file', SPLIT_DATABASE, '/proc/', '/prok/'],
])('a planted mistake fails the boot: %s', (_, props, right, wrong) => {
  const loneServer = props.loneServer && { ...props.loneServer, cache: true };
  const plant = (text: string) => text.replace(right, () => wrong);
  const script = plant(scriptOf(props));
  const given = { ...props, loneServer, script: { ...props.script, sha256: sha256(script) } };
  expect(userData(props) + scriptOf(props)).toContain(right);
  expect(server.boot(plant(userData(given)), script).code).not.toBe(0);
});

describe('whether the site answers is told each minute', () => {
  test.each<[string, UserDataProps, string]>([
    ['by its name', SINGLE_SERVER, 'http://api.mysite.example/healthz'],
    ['without a domain', SINGLE_SERVER_WITHOUT_DOMAIN, 'http://localhost/healthz'],
  ])('%s', (_, props, url) => {
    expect(boot(props).code).toBe(0);
    expect(server.read('etc/systemd/system/report.timer')).toContain('OnUnitActiveSec=1min');
    for (const [fails, answers] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const { calls } = server.run('opt/mysite/report', fails ? 'curl' : undefined);
      expect(calls).toEqual([
        `curl --silent --fail --location --max-time 20 --output /dev/null --connect-to ::127.0.0.1: ${url}`,
        'aws cloudwatch put-metric-data --region eu-central-1 --namespace ScaleFromZero/Site ' +
          `--metric-name Answers --dimensions Site=mysite --value ${answers}`,
      ]);
    }
  });

  test('not by one of many: their load balancer sees it', () => {
    boot(ONE_OF_MANY);
    expect(server.has('etc/systemd/system/report.timer')).toBe(false);
  });
});
