import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { CfnResource, type Stack } from 'aws-cdk-lib';
import { app, templatesOf } from '../support/synthesize';
import type { Variant } from '../support/variants';
import { type Explanation, explanationsOf } from '../support/explanations';

/** A variant as it would be deployed, and what it says of the scanners' findings. */
export interface Scanned {
  readonly variant: string;
  readonly explanations: readonly Explanation[];
  readonly stacks: readonly ScannedStack[];
}

export interface ScannedStack {
  /** Path of its construct. */
  readonly path: string;
  /** Name of its file among the templates. Templates that are the same share one. */
  readonly file: string;
  /** Paths of the constructs by logical ID. */
  readonly paths: ReadonlyMap<string, string>;
}

interface Template {
  readonly Resources: Record<string, { Metadata?: Record<string, unknown> }>;
}

/**
 * Templates in two folders: `bare` has those of all variants, without what they say to the scanners; `shipped` has some
 * as they are.
 */
export class Templates {
  readonly folder = mkdtempSync(join(tmpdir(), 'scanned-'));
  readonly shipped = join(this.folder, 'shipped');
  readonly bare = join(this.folder, 'bare');
  readonly scanned: readonly Scanned[];

  constructor(variants: readonly Variant[], asTheyAre: readonly Variant[]) {
    for (const folder of [this.shipped, this.bare]) mkdirSync(folder);
    this.scanned = variants.map((variant) => this.scan(variant, asTheyAre.includes(variant)));
  }

  private scan({ name, settings, context }: Variant, asItIs: boolean): Scanned {
    const created = app(settings, context);
    const templates = templatesOf(created);
    return {
      variant: name,
      explanations: explanationsOf(created),
      stacks: [...templates].map(([part, template]) => {
        const stack = created.node.children.find(({ node }) => node.id.endsWith(`-${part}`)) as Stack;
        return {
          path: stack.node.path,
          file: this.write(part, template.toJSON() as Template, asItIs),
          paths: pathsOf(stack),
        };
      }),
    };
  }

  private write(part: string, template: Template, asItIs: boolean): string {
    const text = JSON.stringify(template);
    const file = `${part}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`;
    if (asItIs) writeFileSync(join(this.shipped, file), text);
    writeFileSync(join(this.bare, file), JSON.stringify(withoutExplanations(template)));
    return file;
  }
}

function withoutExplanations(template: Template): Template {
  const bare = structuredClone(template);
  for (const { Metadata } of Object.values(bare.Resources)) {
    delete Metadata?.checkov;
    delete Metadata?.guard;
  }
  return bare;
}

function pathsOf(stack: Stack): Map<string, string> {
  const resources = stack.node.findAll().filter((node) => CfnResource.isCfnResource(node));
  return new Map(resources.map((node) => [stack.resolve(node.logicalId) as string, node.node.path]));
}
