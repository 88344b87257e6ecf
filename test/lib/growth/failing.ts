/** What a deployment leaves when one of its resources fails: a model of CloudFormation's rollback, over the templates. */
import { allNeeds, type Happening, type Resource, type Templates } from './order';

export interface Left {
  /** What was made and is in no stack any more: `stack id`. */
  readonly orphans: readonly string[];
  /** What the rollback could not delete, so that the stack is in ROLLBACK_FAILED: `stack id`. */
  readonly stuck: readonly string[];
}

/**
 * Whether a service refuses to delete a resource as its template makes it. What is turned on outside of its template, at
 * the end (lib/operations/protection.ts), cannot be in the way of a deployment that fails before.
 */
function isProtected({ Properties = {} }: Resource): boolean {
  const text = JSON.stringify(Properties);
  return (
    Properties.DeletionProtection === true ||
    Properties.DeletionProtectionEnabled === true ||
    text.includes('"deletion_protection.enabled","Value":"true"')
  );
}

/** The templates that hold when a change in this stack has failed. */
export function inForce(before: Templates, after: Templates, failing: string): Templates {
  const order = [...after.keys()];
  const at = order.indexOf(failing);
  return new Map(
    order.flatMap((stack, index) => {
      const template = (index < at ? after : before).get(stack);
      return template ? [[stack, template] as const] : [];
    }),
  );
}

/**
 * What the rollback of the stack leaves.
 *
 * @param all the happenings of the step
 * @param failing of which the change fails. Whatever does not need it has been done by then: the worst case
 */
export function leftBehind(
  all: readonly Happening[],
  before: Templates,
  after: Templates,
  failing: Happening,
): Left {
  const now = after.get(failing.stack)!;
  const made = all
    .filter(({ stack, kind }) => stack === failing.stack && kind === 'change')
    .map(({ id }) => id)
    .filter((id) => before.get(failing.stack)?.Resources[id] === undefined)
    .filter((id) => id !== failing.id && !allNeeds(now, id).has(failing.id));
  const named = (ids: readonly string[]) => ids.map((id) => `${failing.stack} ${id}`);
  return {
    // RetainExceptOnCreate goes with the operation that has made it (CloudFormation, "DeletionPolicy attribute").
    orphans: named(made.filter((id) => now.Resources[id]!.DeletionPolicy === 'Retain')),
    stuck: named(made.filter((id) => isProtected(now.Resources[id]!))),
  };
}

/** Values that a template reads from another stack which does not give them. */
export function unread(templates: Templates): string[] {
  return [...templates].flatMap(([stack, template]) =>
    [
      ...JSON.stringify(template).matchAll(
        /"Fn::GetStackOutput":\{"StackName":"mysite-([^"]+)","Region":"[^"]+","OutputName":"([^"]+)"/g,
      ),
    ]
      .filter(([, from, output]) => !(output! in ((templates.get(from!) as Outputs)?.Outputs ?? {})))
      .map(([, from, output]) => `${stack} reads ${output} of ${from}`),
  );
}

type Outputs = { readonly Outputs?: Readonly<Record<string, unknown>> } | undefined;
