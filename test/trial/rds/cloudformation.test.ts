import type { RunningRds } from '../../../trial/rds/start';
import { serve } from './served';
import { NEW } from './world';

let rds: RunningRds;

beforeAll(async () => {
  rds = await serve();
});
afterAll(() => rds.close());

/** A creation with a tag of CloudFormation's, by a client that says who it is; its status. */
async function create(name: string, userAgent: string): Promise<number> {
  const { DBInstanceClass, Engine, AllocatedStorage, MasterUsername, MasterUserPassword } = NEW;
  const asked = { DBInstanceClass, Engine, AllocatedStorage, MasterUsername, MasterUserPassword };
  const fields = Object.entries({ ...asked, DBInstanceIdentifier: name }).map(
    ([key, value]) => [key, String(value)] as [string, string],
  );
  const body = new URLSearchParams([
    ['Action', 'CreateDBInstance'],
    ['Version', '2014-10-31'],
    ...fields,
    ['Tags.Tag.1.Key', 'aws:cloudformation:stack-name'],
    ['Tags.Tag.1.Value', 'data'],
    ['Tags.Tag.2.Key', 'team'],
    ['Tags.Tag.2.Value', 'a'],
  ]);
  return (await fetch(rds.url, { method: 'POST', body, headers: { 'user-agent': userAgent } })).status;
}

test('CloudFormation alone sets tags that begin with aws:', async () => {
  expect(await create('by-hand', 'aws-cli/2')).toBe(400);
  expect(await create('by-template', 'cloudformation.amazonaws.com')).toBe(200);
  const { DBInstances } = await rds.model.call('DescribeDBInstances', {});
  expect(DBInstances).toMatchObject([{ DBInstanceIdentifier: 'by-template' }]);
  expect(DBInstances![0]!.TagList!.map(({ Key }) => Key)).toEqual(['team', 'aws:cloudformation:stack-name']);
});
