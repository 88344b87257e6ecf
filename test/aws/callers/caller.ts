import type { Call } from '../recording';
import type { Site } from '../site';

/** Who calls AWS, and how to make it do so. */
export interface Caller {
  readonly name: string;
  /** What the logical id of its function begins with. */
  readonly function?: string;
  /** What the logical id of its role begins with. Absent: it has rights that no template gives. */
  readonly role?: string;
  /** A type of resource without which there is no such caller, where neither function nor role tells. */
  readonly comesWith?: string;
  /** Runs the real code, as far as it calls AWS. */
  drive(site: Site): Promise<readonly Call[]>;
}

/**
 * The environment of a function as the template sets it, with a file of authorities that is there, and what Lambda sets
 * itself.
 */
export function environmentOf(site: Site, prefix: string, caFile: string): Record<string, string> {
  const found = site.resources('AWS::Lambda::Function').find(({ id }) => id.startsWith(prefix));
  if (!found) throw new Error(`The stage ${site.stage} has no function ${prefix}…`);
  const { Variables } = found.properties['Environment'] as { Variables: Record<string, string> };
  return { ...Variables, DATABASE_CA_FILE: caFile, AWS_REGION: site.region };
}
