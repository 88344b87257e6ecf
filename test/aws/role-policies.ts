/** The policies of a role, from a template. */
import { all, type Document, type Request, type Statement, statementsIn } from '../support/policy';
import type { Site } from './site';

/** What one call asks IAM for. A call may ask several times. */
export type Need = Pick<Request, 'action' | 'context'> & { readonly resource: string };

export interface RolePolicies {
  readonly statements: readonly Statement[];
  /** Names of policies that AWS keeps. */
  readonly managed: readonly string[];
}

/**
 * @param part of the stack that has the role
 * @param role its logical id
 * @throws Error when a statement has an element that is not evaluated
 */
export function policiesOf(site: Site, part: string, role: string): RolePolicies {
  const name = site.ref(part, role);
  const own = site.resources('AWS::IAM::Role').find((one) => one.part === part && one.id === role)!;
  const attached = site
    .resources('AWS::IAM::Policy')
    .filter(({ properties }) => (properties['Roles'] as readonly string[]).includes(name));
  const inline = all(own.properties['Policies'] as { PolicyDocument: Document }[] | undefined);
  return {
    statements: statementsIn([
      ...attached.map(({ properties }) => properties['PolicyDocument'] as Document),
      ...inline.map((one) => one.PolicyDocument),
    ]),
    managed: all(own.properties['ManagedPolicyArns'] as readonly string[] | undefined).map(
      (arn) => arn.split(':policy/')[1]!,
    ),
  };
}
