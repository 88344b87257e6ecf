import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { handler } from '../../../lambda/succession/handler';
import { HEALTHY_TARGETS, MOVED_NAME } from '../../../lambda/succession/properties';
import { type CloudFormationEar, startEar } from '../custom-resource/ear';
import { type EmulatedAws, startAws } from '../failover/aws/emulated-aws';

let aws: EmulatedAws;
let ear: CloudFormationEar;
let TargetGroup: string;

beforeAll(async () => {
  [aws, ear] = await Promise.all([startAws(), startEar()]);
  process.env['AWS_REGION'] = aws.region;
  const client = new ElasticLoadBalancingV2Client({ region: aws.region, endpoint: aws.endpoint });
  const { TargetGroups } = await client.send(
    new CreateTargetGroupCommand({ Name: 'web', Port: 8080, Protocol: 'HTTP', VpcId: 'vpc-1' }),
  );
  TargetGroup = TargetGroups![0]!.TargetGroupArn!;
  // The emulator calls whoever is registered healthy.
  await client.send(
    new RegisterTargetsCommand({ TargetGroupArn: TargetGroup, Targets: [{ Id: 'i-1' }, { Id: 'i-2' }] }),
  );
});
afterAll(async () => {
  await Promise.all([aws.stop(), ear.stop()]);
});

const of = (ResourceType: string) => (request: object) => handler({ ...request, ResourceType } as never);

test('healthy targets are found', async () => {
  const properties = { TargetGroup, Targets: '2' };
  expect(await ear.ask(of(HEALTHY_TARGETS), 'Create', properties)).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'healthy-targets',
  });
});

test.each(['Update', 'Delete'] as const)('at %s nothing is waited for', async (type) => {
  const nobody = { TargetGroup: 'arn:of:nobody', Targets: '2' };
  expect(await ear.ask(of(HEALTHY_TARGETS), type, nobody)).toMatchObject({ Status: 'SUCCESS' });
  expect(await ear.ask(of(MOVED_NAME), type, { Seconds: '3600' })).toMatchObject({ Status: 'SUCCESS' });
});

test('a name that has moved is waited for', async () => {
  const begun = performance.now();
  expect(await ear.ask(of(MOVED_NAME), 'Create', { Seconds: '0.2' })).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'moved-name',
  });
  expect(performance.now() - begun).toBeGreaterThan(150);
});

test('a target group that cannot be looked at fails the deployment', async () => {
  const answer = await ear.ask(of(HEALTHY_TARGETS), 'Create', { TargetGroup: 'arn:of:nobody', Targets: '1' });
  expect(answer).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^The wait for healthy targets failed: /),
  });
});
