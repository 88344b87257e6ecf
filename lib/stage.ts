import type { Settings } from './settings';

/** The four stages of growth, in order, and what each is made of (docs/growing.md). */
export const STAGES = ['single-server', 'split-database', 'load-balanced', 'replicated'] as const;

export type Stage = (typeof STAGES)[number];

/** What a stage consists of. Stacks ask for a part, never for a stage's name. */
export interface Parts {
  /** One web server with a fixed public address and a volume of its own, instead of a fleet behind a load balancer. */
  readonly loneServer: boolean;
  /** The database runs on the web server itself. */
  readonly localDatabase: boolean;
  /** RDS, with names for its writer and its reader. */
  readonly database: boolean;
  /** A load balancer over a fleet in private subnets, which needs a NAT gateway. */
  readonly loadBalancer: boolean;
  /** Read replicas. */
  readonly replicas: boolean;
}

const PARTS: Record<Stage, Parts> = {
  'single-server': {
    loneServer: true,
    localDatabase: true,
    database: false,
    loadBalancer: false,
    replicas: false,
  },
  'split-database': {
    loneServer: true,
    localDatabase: false,
    database: true,
    loadBalancer: false,
    replicas: false,
  },
  'load-balanced': {
    loneServer: false,
    localDatabase: false,
    database: true,
    loadBalancer: true,
    replicas: false,
  },
  replicated: {
    loneServer: false,
    localDatabase: false,
    database: true,
    loadBalancer: true,
    replicas: true,
  },
};

/** What `stage` is made of. */
export function partsOf(stage: Stage): Parts {
  return PARTS[stage];
}

/** Whether a failover controller watches the databases: it needs somebody to promote. */
export const isWatched = ({ stage, failover }: Pick<Settings, 'stage' | 'failover'>): boolean =>
  partsOf(stage).replicas && failover.mode !== 'off';
