/** Auto Scaling in this process: one group, whose instances come and go at once. */
import { type BootScriptProps, bootScript } from '../../../lib/web/boot-script';
import type { FleetApi, Instance, RequestTracking } from '../../../trial/servers/fleet-api';

export const BOOT: BootScriptProps = {
  name: 'mysite',
  region: 'us-east-1',
  artifact: { bucket: 'assets', key: 'site.zip' },
  packages: ['nodejs22'],
  startCommand: 'node site.js',
  port: 8080,
  healthPath: '/healthz',
  drainSeconds: 5,
  environment: { SITE_NAME: 'mysite' },
  trustStore: false,
};

export class FakeFleet implements FleetApi {
  instances: Instance[] = [];
  desired = 0;
  replaced: string[] = [];
  tracking: RequestTracking[] = [];
  /** Makes every call fail. */
  broken = false;
  replaceUnhealthyAfterSeconds?: number;
  private made = 0;

  constructor(
    public boot: Partial<BootScriptProps>,
    desired: number,
    readonly min = 1,
    readonly max = 4,
  ) {
    this.resize(desired);
  }

  async groups() {
    if (this.broken) throw new Error('away');
    const { min, max, desired, instances, replaceUnhealthyAfterSeconds } = this;
    return [{ name: 'web', min, max, desired, instances: [...instances], replaceUnhealthyAfterSeconds }];
  }

  userData = async () => bootScript({ ...BOOT, ...this.boot });
  claimAddress = async () => '203.0.113.7';
  policies = async () => this.tracking;
  setCapacity = async (_: string, desired: number) => this.resize(desired);

  async replace(id: string) {
    this.replaced.push(id);
    this.instances = this.instances.filter((one) => one.id !== id);
    this.resize(this.desired);
  }

  resize(desired: number): void {
    this.desired = desired;
    this.instances.length = Math.min(this.instances.length, desired);
    // As in EC2, the address of one that has gone is given again.
    const free = () =>
      [4, 5, 6, 7, 8, 9].find(
        (part) => !this.instances.some((one) => one.privateAddress.endsWith(`.${part}`)),
      );
    while (this.instances.length < desired) {
      this.instances.push({
        id: `i-${++this.made}`,
        group: 'web',
        zone: 'us-east-1a',
        privateAddress: `10.0.1.${free()}`,
        securityGroups: ['sg-web'],
        launchTemplate: { id: 'lt-1', version: '1' },
      });
    }
  }
}
