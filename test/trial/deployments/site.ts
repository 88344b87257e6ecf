/** A site in a world of its own, which is deployed stack by stack, by the CDK CLI or by CloudFormation's API alone. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
  paginateDescribeStackEvents,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { App } from 'aws-cdk-lib';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blueprint } from '../../../lib/blueprint';
import { readSettings } from '../../../lib/settings/read';
import type { Stage } from '../../../lib/stage';
import { type Assembly, readAssembly } from '../../../trial/assembly';
import { Cdk } from '../../../trial/cdk';
import { Processes } from '../../../trial/processes';
import { TRIAL_ACCOUNT, type Target, clientConfig } from '../../../trial/target';
import { ResourceFaults } from '../../../trial/emulator/resource-faults';
import { startEmulator } from '../../../trial/emulator/start';
import { collect } from '../../../trial/walk/collect';
import { World } from '../../../trial/world/world';
import type { Template } from '../../lib/growth/order';

const ROOT = resolve(__dirname, '../../..');

/** A server boots in seconds; the machine may be busy. */
const PATIENCE_MILLIS = 180_000;

const REGION = 'us-east-1';

/** As the CLI deploys. */
const CLI = ['--require-approval', 'never', '--progress', 'events'];

export type Settings = Readonly<Record<string, unknown>>;

export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'scale-from-zero-deployments-'));
  readonly processes = new Processes();
  readonly cdk: Cdk;
  target!: Target;
  resourceFaults!: ResourceFaults;
  /** Databases, servers and functions that are real; absent: the emulator alone. */
  world!: World;
  private readonly assemblies = new Map<string, Assembly>();
  private readonly published = new Set<string>();

  private readonly runFolder = join(this.folder, 'run');
  private functions?: Server;

  private constructor() {
    mkdirSync(this.runFolder, { recursive: true });
    this.cdk = new Cdk({ processes: this.processes, folder: join(this.folder, 'cli') });
  }

  /**
   * An account in which nobody has deployed yet, with databases, servers and functions that are real.
   *
   * @param network second number of the loopback addresses
   */
  static async start(network: number): Promise<Site> {
    const site = new Site();
    const { processes, runFolder } = site;
    site.world = await World.start({
      processes,
      stateFolder: join(site.folder, 'state'),
      runFolder,
      account: TRIAL_ACCOUNT,
      region: REGION,
      timeScale: 0,
      network,
      group: 'mysite',
    });
    site.target = site.world.target!;
    site.resourceFaults = site.world.resourceFaults;
    await site.cdk.bootstrap(site.target, site.assembly('single-server'));
    return site;
  }

  /** An account in the emulator alone, where resources are records and every function succeeds: fast. */
  static async onPaper(): Promise<Site> {
    const site = new Site();
    site.resourceFaults = new ResourceFaults(join(site.runFolder, 'resource-faults.json'));
    site.functions = createServer((request, response) => {
      void request.toArray().then(async (parts: Buffer[]) => {
        response.writeHead(202).end();
        const event = JSON.parse(Buffer.concat(parts).toString()) as Record<string, string>;
        if (!event['ResponseURL']) return;
        const answer = { PhysicalResourceId: 'made', ...event, Status: 'SUCCESS' };
        await fetch(event['ResponseURL'], { method: 'PUT', body: JSON.stringify(answer) });
      });
    }).listen(0, '127.0.0.1');
    await once(site.functions, 'listening');
    const { endpoint } = await startEmulator(site.processes, undefined, {
      TRIAL_RESOURCE_FAULTS: site.resourceFaults.file,
      TRIAL_LAMBDAS_URL: `http://127.0.0.1:${(site.functions.address() as AddressInfo).port}`,
    });
    site.target = { endpoint, region: REGION, account: TRIAL_ACCOUNT };
    await site.cdk.bootstrap(site.target, site.assembly('single-server'));
    return site;
  }

  get client(): CloudFormationClient {
    return new CloudFormationClient(clientConfig(this.target));
  }

  /** What `cdk synth` writes, by the same app in this process. */
  assembly(stage: Stage, settings: Settings = {}): Assembly {
    const key = JSON.stringify({ stage, ...settings });
    const known = this.assemblies.get(key);
    if (known) return known;
    const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: object };
    const outdir = join(this.folder, `assembly-${this.assemblies.size}`);
    // The emulator issues certificates at once, so this deploys what the trial's own settings leave out.
    const given = { ...context, env: 'trial', stage, 'site.https': 'true', ...settings };
    const app = new App({ context: given, outdir, analyticsReporting: false });
    blueprint(app, readSettings(given, ROOT), ROOT);
    app.synth();
    const assembly = readAssembly(outdir);
    this.assemblies.set(key, assembly);
    return assembly;
  }

  template(assembly: Assembly, stack: string): Template {
    return JSON.parse(readFileSync(join(assembly.folder, `${stack}.template.json`), 'utf8')) as Template;
  }

  /** What the functions and servers run, for deployments by the API alone. */
  async publish(assembly: Assembly): Promise<void> {
    if (this.published.has(assembly.folder)) return;
    this.published.add(assembly.folder);
    const args = ['publish-assets', '--all', '--unstable', 'publish-assets', '--app', assembly.folder];
    await this.cdk.run(this.target, args, 'cdk publish-assets failed');
  }

  /** `cdk deploy --exclusively STACK`. @returns what the CLI said @throws TrialFailure when the CLI failed */
  deploy(assembly: Assembly, ...stacks: readonly string[]): Promise<string> {
    const which = stacks.length > 0 ? [...stacks, '--exclusively'] : ['--all'];
    return this.cdk.run(
      this.target,
      ['deploy', ...which, ...CLI, '--app', assembly.folder],
      'cdk deploy failed',
    );
  }

  /** `cdk rollback STACK`. */
  rollBack(assembly: Assembly, stack: string, ...more: readonly string[]): Promise<string> {
    const args = ['rollback', stack, ...more, '--app', assembly.folder];
    return this.cdk.run(this.target, args, 'cdk rollback failed');
  }

  destroy(assembly: Assembly): Promise<string> {
    const args = ['destroy', '--all', '--force', '--app', assembly.folder];
    return this.cdk.run(this.target, args, 'cdk destroy failed');
  }

  /** All stacks, by the API. */
  async applyAll(assembly: Assembly): Promise<void> {
    await this.publish(assembly);
    for (const { name } of assembly.stacks) {
      await this.apply(assembly, name);
      expect(await this.status(name)).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
    }
  }

  /** By CloudFormation's API: as it was made, or changed. A new stack that failed before is deleted, as the CLI does. */
  async apply(assembly: Assembly, StackName: string): Promise<void> {
    const request = {
      StackName,
      TemplateURL: await this.upload(StackName, JSON.stringify(this.template(assembly, StackName))),
      Capabilities: ['CAPABILITY_NAMED_IAM' as const],
    };
    const status = await this.status(StackName);
    if (/^ROLLBACK_/.test(status)) await this.delete(StackName);
    const isNew = /^(absent|ROLLBACK_|DELETE_COMPLETE)/.test(status);
    try {
      await this.client.send(isNew ? new CreateStackCommand(request) : new UpdateStackCommand(request));
    } catch (error) {
      if (!/No updates are to be performed/.test((error as Error).message)) throw error;
    }
    await this.settled(StackName);
  }

  /** Above 51,200 bytes a template is read from S3 alone. @returns its URL */
  private async upload(stack: string, Body: string): Promise<string> {
    const s3 = new S3Client({ ...clientConfig(this.target), forcePathStyle: true });
    const [Bucket, Key] = [`cdk-hnb659fds-assets-${TRIAL_ACCOUNT}-${REGION}`, `${stack}.template.json`];
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    return `https://s3.${REGION}.amazonaws.com/${Bucket}/${Key}`;
  }

  async delete(StackName: string): Promise<void> {
    await this.client.send(new DeleteStackCommand({ StackName }));
    await this.settled(StackName);
  }

  /** `aws cloudformation update-termination-protection --no-enable-termination-protection` */
  async unprotect(StackName: string): Promise<void> {
    if ((await this.status(StackName)) === 'absent') return;
    await this.client.send(
      new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }),
    );
  }

  /** `absent` when there is none. */
  async status(StackName: string): Promise<string> {
    try {
      const { Stacks } = await this.client.send(new DescribeStacksCommand({ StackName }));
      return Stacks![0]!.StackStatus!;
    } catch (error) {
      if (/does not exist/.test((error as Error).message)) return 'absent';
      throw error;
    }
  }

  async settled(stack: string): Promise<string> {
    for (;;) {
      const status = await this.status(stack);
      if (!status.endsWith('IN_PROGRESS')) return status;
      await sleep(50);
    }
  }

  /** Reasons of what failed since a moment, by logical ID. */
  async failures(StackName: string, since: number): Promise<Readonly<Record<string, string>>> {
    const events = await collect(
      paginateDescribeStackEvents({ client: this.client }, { StackName }),
      (page) => page.StackEvents,
    );
    return Object.fromEntries(
      events
        .filter(
          ({ ResourceStatus, Timestamp }) =>
            ResourceStatus!.endsWith('_FAILED') && Number(Timestamp) >= since - 1_000,
        )
        .toReversed()
        .map(({ LogicalResourceId, ResourceStatusReason }) => [LogicalResourceId!, ResourceStatusReason!]),
    );
  }

  /** What the site's notes say, newest first: asked over HTTP, until it answers. @throws Error with what happened instead */
  async notes(): Promise<string[]> {
    await this.world.serve();
    let said = '';
    for (const end = Date.now() + PATIENCE_MILLIS; Date.now() < end; await sleep(50)) {
      const answer = await fetch(`${this.url}?limit=100`).catch((error: Error) => error);
      if (answer instanceof Response && answer.ok) {
        return ((await answer.json()) as { notes: { text: string }[] }).notes.map(({ text }) => text);
      }
      said = answer instanceof Error ? answer.message : `${answer.status} ${await answer.text()}`;
    }
    throw new Error(
      `The site does not serve: ${said}\n${JSON.stringify(this.world.events.latest().slice(0, 20), null, 1)}`,
    );
  }

  async write(text: string): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ author: 'test', text });
    const { status } = await fetch(this.url, { method: 'POST', headers, body });
    expect(status).toBe(201);
  }

  private get url(): string {
    return `${this.world.loadBalancer!.url}/api/notes`;
  }

  async close(): Promise<void> {
    await this.world?.close();
    this.functions?.close();
    await this.processes.endAll();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
