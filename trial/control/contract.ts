/**
 * What a running trial tells and takes: the one source for the terminal, and for a web page later.
 *
 * The trial serves it as JSON over HTTP on the loopback interface: `GET /facts` answers `TrialFacts`, `POST /fault` takes
 * a `Fault` and answers 200 with `{ done: string }`, a sentence, or 400 with `{ error: string }`. Where it listens is in
 * `.trial/running.json` (`Running`), which is there as long as the trial runs.
 */

export interface Running {
  readonly pid: number;
  /** Of the control server, e.g. `http://127.0.0.1:40123`. */
  readonly control: string;
  /** Where the site is served, e.g. `http://localhost:8080`. */
  readonly site: string;
  /** Of the emulated AWS; `npm run failover -- … --trial` goes there. */
  readonly endpoint: string;
  readonly region: string;
  /** 12 digits: emulators take the account from an access key id of this form. */
  readonly account: string;
}

/** Everything at one moment; times are milliseconds since 1970. */
export interface TrialFacts {
  readonly at: number;
  readonly stage: string;
  readonly site: string;
  readonly names: readonly NameFacts[];
  /** Absent at the stages without one: the site's URL leads to the server itself. */
  readonly loadBalancer?: LoadBalancerFacts;
  readonly servers: readonly ServerFacts[];
  readonly databases: readonly DatabaseFacts[];
  readonly functions: readonly FunctionFacts[];
  /** Absent at the stages without one, and while its journal cannot be read. */
  readonly controller?: ControllerFacts;
  /** Newest first. */
  readonly events: readonly EventFacts[];
  /** Faults that hold now, a sentence each. */
  readonly faults: readonly string[];
}

/** A name that clients use, and what it leads to now. */
export interface NameFacts {
  readonly name: string;
  /** `load balancer`, `address`, or identifiers of databases. */
  readonly leadsTo: readonly { readonly to: string; readonly weight?: number }[];
}

export interface LoadBalancerFacts {
  readonly url: string;
  readonly requestsPerSecond: number;
  /** Of the last minute. */
  readonly answers: Readonly<Record<'2xx' | '3xx' | '4xx' | '5xx', number>>;
  readonly p95Milliseconds?: number;
}

export interface ServerFacts {
  readonly id: string;
  readonly zone: string;
  /** `starting`, `healthy`, `unhealthy`, `draining`, `ended`. */
  readonly state: string;
  readonly address: string;
  readonly requestsPerSecond: number;
}

export interface DatabaseFacts {
  readonly identifier: string;
  /** RDS's status, e.g. `available`. */
  readonly state: string;
  /** `retired`: an old primary, or one that is being fenced. */
  readonly role: 'primary' | 'replica' | 'retired';
  /** The quarantine group is the only one, and in force. */
  readonly inQuarantine: boolean;
  readonly source?: string;
  readonly endpoint?: string;
  /** Where to connect from this machine, e.g. `127.77.0.2:5432`. */
  readonly address?: string;
  /** What the server itself says; absent when it does not answer. */
  readonly server?: {
    readonly inRecovery: boolean;
    readonly lsn: string;
    readonly connections: number;
    /** Bytes of WAL behind its source, of a replica. */
    readonly lagBytes?: number;
    /** Age of the newest replayed change, of a replica that is behind. */
    readonly lagSeconds?: number;
  };
}

export interface FunctionFacts {
  readonly name: string;
  readonly lastStart?: number;
  readonly lastOutcome?: string;
}

/** By the journal of the failover controller. */
export interface ControllerFacts {
  /** Named state (lambda/failover/states.ts); absent until its first round. */
  readonly state?: string;
  readonly phase?: string;
  readonly epoch?: number;
  readonly reasons: readonly string[];
  /** When its last round was decided. */
  readonly roundAt?: number;
  /** Who has put it on hold, and why: a sentence. */
  readonly hold?: string;
}

export interface EventFacts {
  readonly at: number;
  /** What it is about: an identifier, a server, a function. */
  readonly about: string;
  readonly message: string;
}

/** What can be made to go wrong. Names of databases are identifiers, without the site's name if one likes. */
export type Fault =
  | { readonly kind: 'kill-server'; readonly server: string }
  /** Ends its processes in the middle of a run; the name, or a part of it that no other has, such as `failover`. */
  | { readonly kind: 'kill-function'; readonly function: string }
  /** The failover controller reaches neither databases nor AWS's APIs; its calls hang. */
  | { readonly kind: 'cut-off-controller' }
  | { readonly kind: 'reconnect-controller' }
  /** `stays`: nobody restarts it until `release`. */
  | { readonly kind: 'kill-database'; readonly database: string; readonly stays: boolean }
  | { readonly kind: 'release-database'; readonly database: string }
  /**
   * `stays`: RDS cannot restart it until it is thawed. What RDS was asked for meanwhile comes first then: the host obeys
   * RDS before a client hears of it again.
   */
  | { readonly kind: 'freeze-database'; readonly database: string; readonly stays?: boolean }
  | { readonly kind: 'thaw-database'; readonly database: string }
  | { readonly kind: 'cut-off'; readonly database: string; readonly from: Party }
  | { readonly kind: 'reconnect'; readonly database: string; readonly to: Party }
  | {
      readonly kind: 'slow-network';
      readonly database: string;
      readonly from: Party;
      readonly milliseconds: number;
    }
  | { readonly kind: 'fill-disk'; readonly database: string }
  | { readonly kind: 'empty-disk'; readonly database: string }
  /** 0 ends the delay. */
  | { readonly kind: 'delay-replay'; readonly database: string; readonly seconds: number }
  | { readonly kind: 'events'; readonly how: 'drop' | 'late' | 'unordered' | 'deliver' }
  /** An operation of RDS, or `*`. */
  | { readonly kind: 'api'; readonly operation: string; readonly how: 'fail' | 'throttle' | 'slow' | 'work' }
  /** Ends every fault that holds. */
  | { readonly kind: 'heal' };

/** Who a database can be cut off from. */
export type Party = 'clients' | 'controller' | 'replicas' | 'everybody';
