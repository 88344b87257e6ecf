/** What was found at the target, in the words of the walk: no SDK shapes, only what a link is judged by. */
export interface Facts {
  /** The outputs of the web stack. */
  readonly site: { readonly url: string; readonly stage: string };
  readonly zones: readonly Zone[];
  readonly loadBalancers: readonly LoadBalancer[];
  readonly targetGroups: readonly TargetGroup[];
  readonly fleets: readonly Fleet[];
  readonly servers: readonly Server[];
  readonly subnets: readonly Subnet[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly addresses: readonly { readonly allocationId: string; readonly ip: string }[];
  readonly volumes: readonly { readonly id: string; readonly encrypted: boolean; readonly sizeGiB: number }[];
  readonly secrets: readonly Secret[];
  readonly databases: readonly Database[];
}

export interface Zone {
  readonly id: string;
  /** Without the last dot. */
  readonly name: string;
  readonly isPrivate: boolean;
  readonly records: readonly DnsRecord[];
}

export interface DnsRecord {
  /** Without the last dot. */
  readonly name: string;
  readonly type: string;
  readonly values: readonly string[];
  readonly alias?: string;
  readonly setIdentifier?: string;
  readonly weight?: number;
}

export interface LoadBalancer {
  readonly name: string;
  readonly dnsName: string;
  readonly scheme: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly listeners: readonly Listener[];
}

export interface Listener {
  readonly port: number;
  readonly protocol: string;
  readonly certificates: readonly string[];
  /** ARNs of target groups. */
  readonly forwardsTo: readonly string[];
  readonly redirectsTo?: string;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly port: number;
  readonly healthPath: string;
  readonly targets: readonly { readonly id: string; readonly health: string }[];
}

/** An Auto Scaling group with the user data of its launch template. */
export interface Fleet {
  readonly name: string;
  readonly servers: readonly string[];
  readonly userData: string;
}

export interface Server {
  readonly id: string;
  readonly state: string;
  readonly subnet: string;
  readonly securityGroups: readonly string[];
  readonly publicAddress?: string;
}

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  /** Where the default route leads. */
  readonly leadsTo: 'internet gateway' | 'NAT gateway' | 'nowhere';
}

export interface SecurityGroup {
  readonly id: string;
  readonly admits: readonly Admission[];
}

export interface Admission {
  /** A security group's id or a CIDR. */
  readonly from: string;
  /** `5432`, `80-443` or `all` */
  readonly ports: string;
}

export interface Secret {
  readonly arn: string;
  readonly username?: string;
  readonly host?: string;
}

export interface Database {
  readonly id: string;
  readonly status: string;
  readonly endpoint: string;
  readonly encrypted: boolean;
  readonly isPublic: boolean;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Identifier of the instance that it replicates. */
  readonly source?: string;
}
