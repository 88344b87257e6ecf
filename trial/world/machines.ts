import { EC2Client, paginateDescribeSecurityGroups, type SecurityGroup } from '@aws-sdk/client-ec2';
import { getFromLambda } from '../lambdas/emulator';
import type { Target } from '../target';
import { clientConfig } from '../target';
import { collect } from '../walk/collect';
import { DATABASE_PORT } from '../../lib/network/security-groups';

const POLL_MILLIS = 500;

/**
 * A stable address for a name: collisions among a handful of functions are unlikely, and would only merge groups.
 *
 * @param network the first two numbers, e.g. `127.80`
 */
export function functionAddress(network: string, name: string): string {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)!) % 65_025;
  return `${network}.${Math.floor(hash / 255)}.${1 + (hash % 254)}`;
}

/**
 * Who is behind an address of the trial, and which groups let whom in, as the emulator has it now. Read every half
 * second, as gates have to decide at once.
 */
export class Machines {
  /** Security group → groups that may reach its members on the database's port. */
  private sources = new Map<string, ReadonlySet<string>>();
  private readonly functions = new Map<string, { name: string; groups: readonly string[] }>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly network: string,
    private readonly target: () => Target | undefined,
    /** Called when what was read differs from before. */
    private readonly onChange: () => void,
  ) {
    this.timer = setInterval(() => void this.refresh(), POLL_MILLIS);
    this.timer.unref();
  }

  /** To be called before a function runs for the first time. */
  addFunction(name: string): string {
    const address = functionAddress(this.network, name);
    if (!this.functions.has(address)) {
      this.functions.set(address, { name, groups: [] });
      void this.refresh();
    }
    return address;
  }

  /** Whether the failover controller is at `address`: faults can cut off that function alone. */
  isController(address: string): boolean {
    return /-failover$/.test(this.functions.get(address)?.name ?? '');
  }

  securityGroupsOfFunction(address: string): readonly string[] | undefined {
    return this.functions.get(address)?.groups;
  }

  /** Whether members of `from` may reach members of `to` on the database's port. */
  admit(from: readonly string[], to: readonly string[]): boolean {
    return to.some((group) => from.some((source) => this.sources.get(group)?.has(source)));
  }

  /** Never rejects: what cannot be read stays as it was. */
  async refresh(): Promise<void> {
    const target = this.target();
    if (!target) return;
    try {
      const client = new EC2Client(clientConfig(target));
      const groups = await collect(
        paginateDescribeSecurityGroups({ client }, {}),
        (page) => page.SecurityGroups,
      );
      const sources = new Map(groups.map((group) => [group.GroupId!, sourcesOf(group)]));
      for (const known of this.functions.values()) known.groups = await groupsOfFunction(target, known.name);
      const before = JSON.stringify([...this.sources].map(([id, from]) => [id, ...from]));
      this.sources = sources;
      if (JSON.stringify([...sources].map(([id, from]) => [id, ...from])) !== before) this.onChange();
    } catch {
      // The emulator is busy, or ends; the next look tells.
    }
  }

  close(): void {
    clearInterval(this.timer);
  }
}

function sourcesOf({ IpPermissions = [] }: SecurityGroup): ReadonlySet<string> {
  const onPort = IpPermissions.filter(
    ({ IpProtocol, FromPort = 0, ToPort = 65_535 }) =>
      IpProtocol === '-1' || (FromPort <= DATABASE_PORT && DATABASE_PORT <= ToPort),
  );
  return new Set(
    onPort.flatMap(({ UserIdGroupPairs = [] }) => UserIdGroupPairs.map((pair) => pair.GroupId!)),
  );
}

interface FunctionConfiguration {
  readonly VpcConfig?: { readonly SecurityGroupIds?: readonly string[] };
}

async function groupsOfFunction(target: Target, name: string): Promise<readonly string[]> {
  const path = `/2015-03-31/functions/${name}/configuration`;
  const configuration = await getFromLambda<FunctionConfiguration>(target, path);
  return configuration?.VpcConfig?.SecurityGroupIds ?? [];
}
