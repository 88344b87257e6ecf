import { App, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { DatabaseSecret } from 'aws-cdk-lib/aws-rds';
import { AwsSolutionsChecks } from 'cdk-nag';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Databases } from '../../../lib/data/databases';
import { PrepareDatabase } from '../../../lib/data/prepare-database';
import { readSettings } from '../../../lib/settings/read';
import { SITE } from '../../support/synthesize';

const ROOT = resolve(__dirname, '../../..');
const FLAGS = Object.fromEntries(
  Object.entries(JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')).context as object).filter(([key]) =>
    key.startsWith('@'),
  ),
);

/** A stack with the construct and the least that it needs. */
function stackWith({ outdir, bundled = false }: { outdir?: string; bundled?: boolean } = {}): Stack {
  const context = { ...FLAGS, ...(bundled ? {} : { 'aws:cdk:bundling-stacks': [] }), settings: SITE };
  const app = new App({ context, outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Test');
  const settings = readSettings(context, ROOT);
  const vpc = new Vpc(stack, 'Vpc', {
    subnetConfiguration: ['web', 'database'].map((name) => ({
      name,
      subnetType: SubnetType.PRIVATE_ISOLATED,
    })),
    restrictDefaultSecurityGroup: false,
  });
  const securityGroup = new SecurityGroup(stack, 'Group', { vpc });
  const databases = new Databases(stack, 'Databases', { settings, vpc, securityGroup });
  const secret = (name: string) =>
    new DatabaseSecret(stack, name, { username: name }).attach(databases.primary);
  new PrepareDatabase(stack, 'PrepareDatabase', {
    settings,
    vpc,
    securityGroup,
    primary: databases.primary,
    secrets: {
      writer: secret('app_writer'),
      reader: secret('app_reader'),
      controller: secret('controller'),
      recovery: secret('recovery'),
    },
    after: databases,
  });
  return stack;
}

describe('the template', () => {
  const template = Template.fromStack(stackWith());
  const [customId, custom] = Object.entries(template.findResources('Custom::PrepareDatabase'))[0]!;

  test('runs the function as a custom resource, again when anything changes, and gives up in time', () => {
    expect(custom.Properties).toMatchObject({
      DATABASE_HOST: 'writer.mysite.internal',
      DATABASE_PORT: '5432',
      DATABASE_NAME: 'site',
      ServiceToken: { 'Fn::GetAtt': [expect.stringContaining('PrepareDatabaseFunction'), 'Arn'] },
      ServiceTimeout: '1200',
      code: expect.stringMatching(/^[0-9a-f]{64}\.zip$/),
      instance: { 'Fn::GetAtt': [expect.stringContaining('Primary'), 'DbiResourceId'] },
    });
    expect(customId).toBe('PrepareDatabaseRunA47BE549');
  });

  test('waits for the database and for its secrets to name it', () => {
    const attachments = Object.keys(template.findResources('AWS::SecretsManager::SecretTargetAttachment'));
    const databases = Object.keys(template.findResources('AWS::RDS::DBInstance'));
    expect(attachments).toHaveLength(5);
    expect(custom.DependsOn).toEqual(expect.arrayContaining([...attachments, ...databases]));
  });

  test('the function is small, alone, and in the web subnets', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 256,
      Timeout: 300,
      VpcConfig: { SubnetIds: [{ Ref: Match.stringLikeRegexp('webSubnet1') }, { Ref: Match.anyValue() }] },
      LoggingConfig: { LogGroup: Match.anyValue() },
      Environment: { Variables: { DATABASE_CA_FILE: '/var/runtime/ca-cert.pem' } },
    });
  });

  test('may read five secrets and nothing else', () => {
    const [policy, ...others] = Object.values(template.findResources('AWS::IAM::Policy'));
    expect(others).toEqual([]);
    const statements = policy!.Properties.PolicyDocument.Statement as {
      Action: string;
      Resource: object[];
    }[];
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: Array.from({ length: 5 }, () => ({ Ref: expect.stringContaining('Attachment') })),
      },
    ]);
  });
});

test('cdk-nag AwsSolutions has nothing to say of it', () => {
  const stack = stackWith();
  Validations.of(stack.node.root).addPlugins(new AwsSolutionsChecks(stack.node.root as App));
  const messages: string[] = [];
  const errors = jest.spyOn(console, 'error').mockImplementation((line) => messages.push(String(line)));
  const logs = jest.spyOn(console, 'log').mockImplementation((line) => messages.push(String(line)));
  try {
    (stack.node.root as App).synth();
  } catch (error) {
    messages.push(String(error));
  } finally {
    errors.mockRestore();
    logs.mockRestore();
  }
  // The checks ran: the bare VPC around it has no flow log.
  expect(messages.join('\n')).toContain('VPC7');
  expect(messages.join('\n')).not.toContain('PrepareDatabase');
});

describe('the bundle', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'scale-from-zero-prepare-'));
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));

  test('is one file of at most 1 MB that needs nothing but Node', () => {
    const stack = stackWith({ outdir, bundled: true });
    (stack.node.root as App).synth();
    const folders = readdirSync(outdir).filter((name) =>
      readdirOrNone(join(outdir, name)).includes('index.js'),
    );
    expect(folders).toHaveLength(1);
    const folder = join(outdir, folders[0]!);
    expect(readdirSync(folder)).toEqual(['index.js']);
    expect(statSync(join(folder, 'index.js')).size).toBeLessThan(1_000_000);

    // Away from the repository, where no package could be found.
    const program = `
      const { handler } = require(${JSON.stringify(join(folder, 'index.js'))});
      const request = { RequestType: 'Create', ResponseURL: 'http://127.0.0.1:1/' };
      handler(request, { getRemainingTimeInMillis: () => 0 }).catch((error) => console.log(error.message));`;
    const run = spawnSync(process.execPath, ['-e', program], { cwd: outdir, env: {}, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('The environment is wrong: DATABASE_HOST is not set');
    expect(run.stdout).toContain('CloudFormation did not take the answer');
  });
});

const readdirOrNone = (path: string): string[] => (statSync(path).isDirectory() ? readdirSync(path) : []);
