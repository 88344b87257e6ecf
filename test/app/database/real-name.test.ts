import { realNameFinder } from '../../../app/database/real-name';

const zone: Record<string, string> = {
  'writer.site.internal': 'site-primary.abc.eu-central-1.rds.amazonaws.com',
  'site-primary.abc.eu-central-1.rds.amazonaws.com': 'ec2-1-2-3-4.compute.amazonaws.com',
  'twice.site.internal': 'writer.site.internal',
  'db.example': 'real.example',
  'loop.example': 'pool.example',
  'pool.example': 'loop.example',
};
const find = realNameFinder((name) => Promise.resolve(zone[name] ? [zone[name]] : []));

test.each([
  ['writer.site.internal', 'site-primary.abc.eu-central-1.rds.amazonaws.com'],
  ['twice.site.internal', 'site-primary.abc.eu-central-1.rds.amazonaws.com'],
  // A public endpoint is an alias itself; its certificate has its own name all the same.
  ['site-primary.abc.eu-central-1.rds.amazonaws.com', 'site-primary.abc.eu-central-1.rds.amazonaws.com'],
  ['db.example', 'real.example'],
  ['plain.example', 'plain.example'],
])('%s is really %s', async (name, real) => {
  expect(await find(name)).toBe(real);
});

test.each(['/run/postgresql', 'localhost', '10.0.0.1', '::1'])('%s is not looked up', async (name) => {
  const never = realNameFinder(() => Promise.reject(new Error('looked up')));
  expect(await never(name)).toBe(name);
});

test('a loop is told, not followed for ever', async () => {
  await expect(find('loop.example')).rejects.toThrow('loop.example is an alias');
});

test('when DNS does not answer, no name is guessed', async () => {
  await expect(realNameFinder(() => Promise.reject(new Error('SERVFAIL')))('db.example')).rejects.toThrow(
    'SERVFAIL',
  );
});
