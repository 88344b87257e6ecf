import {
  CreateLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateDBInstanceCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { handler } from '../../../lambda/protect/handler';
import { type EmulatedAws, startAws } from '../failover/aws/emulated-aws';
import { type CloudFormationEar, startEar } from '../custom-resource/ear';

let aws: EmulatedAws;
let ear: CloudFormationEar;
let LoadBalancer: string;
const clients = () => {
  const common = { region: aws.region, endpoint: aws.endpoint };
  return { rds: new RDSClient(common), balancing: new ElasticLoadBalancingV2Client(common) };
};

beforeAll(async () => {
  [aws, ear] = await Promise.all([startAws(), startEar()]);
  process.env['AWS_REGION'] = aws.region;
  const { rds, balancing } = clients();
  const database = { DBInstanceClass: 'db.t4g.medium', Engine: 'postgres', AllocatedStorage: 20 };
  await rds.send(new CreateDBInstanceCommand({ DBInstanceIdentifier: 'mysite-primary', ...database }));
  const { LoadBalancers } = await balancing.send(new CreateLoadBalancerCommand({ Name: 'mysite' }));
  LoadBalancer = LoadBalancers![0]!.LoadBalancerArn!;
});
afterAll(async () => {
  await Promise.all([aws.stop(), ear.stop()]);
});

/** Of the database, and of the load balancer. */
async function isProtected(): Promise<unknown[]> {
  const { rds, balancing } = clients();
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}));
  const { Attributes } = await balancing.send(
    new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: LoadBalancer }),
  );
  const attribute = Attributes!.find(({ Key }) => Key === 'deletion_protection.enabled');
  return [DBInstances![0]!.DeletionProtection, attribute?.Value];
}

const ask = (RequestType: 'Create' | 'Update' | 'Delete', Protected: string, Database = 'mysite-primary') =>
  ear.ask(handler, RequestType, { Protected, Database, LoadBalancer });

test('it turns protection on, and off again; a deletion changes nothing', async () => {
  expect(await ask('Create', 'true')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'protection' });
  expect(await isProtected()).toEqual([true, 'true']);
  expect(await ask('Delete', 'true')).toMatchObject({ Status: 'SUCCESS' });
  expect(await isProtected()).toEqual([true, 'true']);
  expect(await ask('Update', 'false')).toMatchObject({ Status: 'SUCCESS' });
  expect(await isProtected()).toEqual([false, 'false']);
});

test('a refusal is told to CloudFormation in the words of who refused', async () => {
  const answer = await ear.ask(handler, 'Create', {
    Protected: 'true',
    Database: 'mysite-primary',
    LoadBalancer: 'arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/none/1',
  });
  expect(answer).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^The change of the deletion protection failed: .*load balancer/i),
  });
  expect(await isProtected()).toEqual([false, 'false']);
});

test('the deletion is refused while a primary has the name of a replica', async () => {
  const asked = (Replica: string) => ear.ask(handler, 'Delete', { Protected: 'false', Replicas: [Replica] });
  expect(await asked('mysite-primary')).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^The deletion failed: A primary is called mysite-primary, and would/),
  });
  expect(await asked('mysite-replica-1')).toMatchObject({ Status: 'SUCCESS' });
});
