import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import type { Assembly } from './assembly';
import { type Target, clientConfig } from './target';

/** A resource of a template that has nothing behind it. */
export interface Undeployed {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** What that means for the trial. */
  readonly consequence: string;
}

/** How trial/emulator/unknown.py begins the physical id of what it only writes down. */
const RECORDED = 'recorded-';

const CONSEQUENCES: Record<string, string> = {
  'AWS::DLM::LifecyclePolicy': 'the data volume gets no daily snapshots',
  'AWS::CloudWatch::Alarm': 'alarms on metric math are never evaluated',
};

/** What of the assembly's templates does not exist at the target, whether the emulator says so or is silent. */
export async function undeployed(target: Target, assembly: Assembly): Promise<Undeployed[]> {
  const client = new CloudFormationClient(clientConfig(target));
  const perStack = assembly.stacks.map(async ({ name, resources }) => {
    const physical = new Map<string, string>();
    for await (const page of paginateListStackResources({ client }, { StackName: name })) {
      for (const { LogicalResourceId, PhysicalResourceId } of page.StackResourceSummaries ?? []) {
        physical.set(LogicalResourceId!, PhysicalResourceId ?? '');
      }
    }
    return Object.entries(resources)
      .filter(([logicalId, { Type }]) => {
        const id = physical.get(logicalId);
        return Type !== 'AWS::CDK::Metadata' && (!id || id.startsWith(RECORDED));
      })
      .map(([logicalId, { Type }]) => ({
        stack: name,
        logicalId,
        type: Type,
        consequence: physical.get(logicalId)
          ? (CONSEQUENCES[Type] ?? 'the emulator writes it down, and nothing stands behind it')
          : 'it was not created at all',
      }));
  });
  return (await Promise.all(perStack)).flat();
}

/** What is not there, in a sentence for each kind. */
export function sentences(all: readonly Undeployed[]): string[] {
  const kinds = new Map<string, string[]>();
  for (const { type, consequence, logicalId } of all) {
    const kind = `${type}: ${consequence}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), logicalId]);
  }
  return [...kinds].map(
    ([kind, names]) => `${names.length} × ${kind} (${names[0]}${names.length > 1 ? ', …' : ''})`,
  );
}
