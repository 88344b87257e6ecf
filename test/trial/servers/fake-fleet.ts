/** Auto Scaling in this process: one group, whose instances come and go at once. */
import { bootScript, sha256 } from '../../../lib/web/boot-script';
import { userData, type UserDataProps } from '../../../lib/web/user-data';
import type { FleetApi, Instance, RequestTracking } from '../../../trial/servers/fleet-api';

export const BOOT: UserDataProps = {
  name: 'mysite',
  region: 'us-east-1',
  script: { bucket: 'assets', key: 'boot.sh', sha256: sha256(bootScript()) },
  artifact: { bucket: 'assets', key: 'site.zip' },
  packages: ['nodejs22'],
  startCommand: 'node site.js',
  port: 8080,
  healthPath: '/healthz',
  drainSeconds: 5,
  environment: { SITE_NAME: 'mysite' },
  trustStore: false,
};

/** The bucket `assets`, with the boot script and this site. */
export const assetsWith =
  (site: Buffer) =>
  async (_: string, key: string): Promise<Buffer> =>
    key === BOOT.script.key ? Buffer.from(bootScript()) : site;

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
    public boot: Partial<UserDataProps>,
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

  userData = async () => userData({ ...BOOT, ...this.boot });
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
