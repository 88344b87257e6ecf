import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

/** A stack as it was synthesized. */
export interface StackTemplate {
  readonly name: string;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: readonly string[];
}

/** A cloud assembly: what `cdk synth` writes. */
export interface Assembly {
  readonly folder: string;
  readonly region: string;
  /** Absent when the settings leave the account open. */
  readonly account?: string;
  /** How far the site has grown, as an output of the web stack says; empty for another app. */
  readonly stage: string;
  readonly stacks: readonly StackTemplate[];
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
}

/** Reads the assembly that `cdk synth` wrote into `folder`. */
export function readAssembly(folder: string): Assembly {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const artifacts = Object.entries(read('manifest.json').artifacts as Record<string, Artifact>);
  const stacks = artifacts.filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [account, region] = (stacks[0]?.[1].environment ?? '').replace('aws://', '').split('/');
  const templates = stacks.map(([id, { properties }]) => ({
    name: properties!.stackName ?? id,
    template: read(properties!.templateFile!),
  }));
  return {
    folder,
    region: !region || region === 'unknown-region' ? 'us-east-1' : region,
    ...(/^\d{12}$/.test(account ?? '') && { account }),
    stage: templates.map(({ template }) => template.Outputs?.Stage?.Value).find(Boolean) ?? '',
    stacks: templates.map(({ name, template }) => ({
      name,
      resources: template.Resources ?? {},
      outputs: Object.keys(template.Outputs ?? {}),
    })),
  };
}
