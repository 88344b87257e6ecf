/** In which order CloudFormation changes and removes what differs between two states of a site. */
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';

/* eslint-disable @typescript-eslint/no-explicit-any -- templates are anything */

export interface Resource {
  readonly Type: string;
  readonly Properties?: any;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** Templates by the part of their stack's name, in the order of deployment. */
export type Templates = ReadonlyMap<string, Template>;

/** What happens to one resource in a step: `change` is made, updated, or the new one of a replacement. */
export interface Happening {
  readonly stack: string;
  readonly kind: 'change' | 'removal';
  readonly id: string;
  readonly type: string;
}

/** The logical IDs that a resource names: by Ref, GetAtt, Sub and DependsOn. */
function needs({ Resources }: Template, id: string): string[] {
  const found = new Set<string>();
  const visit = (value: any): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      if (typeof value.Ref === 'string') found.add(value.Ref);
      const attribute = value['Fn::GetAtt'];
      if (attribute) found.add(Array.isArray(attribute) ? attribute[0] : attribute.split('.')[0]);
      const text = value['Fn::Sub'];
      if (text) for (const [, name] of JSON.stringify(text).matchAll(/\$\{(\w+)[.}]/g)) found.add(name!);
      Object.values(value).forEach(visit);
    }
  };
  visit(Resources[id]!.Properties);
  for (const other of [Resources[id]!.DependsOn ?? []].flat()) found.add(other);
  return [...found].filter((other) => other in Resources && other !== id);
}

const known = new WeakMap<Template, Map<string, string[]>>();

function knownNeeds(template: Template, id: string): string[] {
  const ofTemplate = known.get(template) ?? new Map<string, string[]>();
  known.set(template, ofTemplate);
  const found = ofTemplate.get(id) ?? needs(template, id);
  ofTemplate.set(id, found);
  return found;
}

/** All that a resource needs, and what that needs. A template is not changed once it was asked about. */
export function allNeeds(template: Template, id: string): Set<string> {
  const seen = new Set<string>();
  const visit = (one: string): void => {
    for (const other of knownNeeds(template, one)) {
      if (seen.has(other)) continue;
      seen.add(other);
      visit(other);
    }
  };
  visit(id);
  return seen;
}

const NEW_ONE = [ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE];
const EMPTY: Template = { Resources: {} };

/** What differs, as CloudFormation would act on it. */
export function happenings(before: Templates, after: Templates): Happening[] {
  const stacks = new Set([...before.keys(), ...after.keys()]);
  return [...stacks].flatMap((stack) => {
    const [old, now] = [before.get(stack) ?? EMPTY, after.get(stack) ?? EMPTY];
    if (old === now) return [];
    return Object.entries(fullDiff({ ...old }, { ...now }).resources.changes).flatMap(
      ([id, change]): Happening[] => {
        const happening = { stack, id, type: (now.Resources[id] ?? old.Resources[id])!.Type };
        const isNewOne = NEW_ONE.includes(change.changeImpact);
        return [
          ...(id in now.Resources ? [{ ...happening, kind: 'change' as const }] : []),
          ...(!(id in now.Resources) || isNewOne ? [{ ...happening, kind: 'removal' as const }] : []),
        ];
      },
    );
  });
}

/**
 * Whether CloudFormation does `one` before `other`, whatever else it does at the same time: stacks are deployed one after
 * the other; in each, what is needed is changed first, and removals come after all changes, those of what needs others
 * first (CloudFormation guide, "Update behaviors of stack resources", and "DependsOn attribute").
 */
export function isBefore(one: Happening, other: Happening, before: Templates, after: Templates): boolean {
  const order = [...new Set([...after.keys(), ...before.keys()])];
  if (one.stack !== other.stack) return order.indexOf(one.stack) < order.indexOf(other.stack);
  if (one.kind !== other.kind) return one.kind === 'change';
  return one.kind === 'change'
    ? allNeeds(after.get(one.stack)!, other.id).has(one.id)
    : allNeeds(before.get(one.stack)!, one.id).has(other.id);
}
