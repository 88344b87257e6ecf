import { readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from './programs';

export const PROJECT = resolve(__dirname, '../..');

const read = (file: string) => JSON.parse(readFileSync(join(PROJECT, file), 'utf8'));

/** cdk.json's context. */
export const context = (): Record<string, unknown> => read('cdk.json').context;

/** The app as a TypeScript program. */
export const entry = (): string => Object.values(read('package.json').bin as Record<string, string>)[0]!;

/** A program of an installed package, run by this Node. */
export function installed(program: string, ...args: string[]): Pick<Command, 'program' | 'args'> {
  return {
    program: process.execPath,
    args: [realpathSync(join(PROJECT, 'node_modules/.bin', program)), ...args],
  };
}

/**
 * How the CDK CLI starts the app, read from cdk.json, but without npx: it looks the program up for some tenths of a
 * second, which `cdk synth` in all includes and the app's own share does not.
 */
export function appCommand(): Pick<Command, 'program' | 'args'> {
  const [first, ...rest] = (read('cdk.json').app as string).trim().split(/\s+/);
  const [program, ...args] = first === 'npx' ? rest : [first!, ...rest];
  return program === 'node' ? { program: process.execPath, args } : installed(program!, ...args);
}

/** What the CDK CLI hands to the app that synthesizes `stage` into `folder` (seen in aws-cdk 2.1148.1). */
export function appEnvironment(stage: string, folder: string): NodeJS.ProcessEnv {
  return {
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({
      ...context(),
      stage,
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:enable-asset-metadata': true,
      'aws:cdk:version-reporting': true,
      'aws:cdk:bundling-stacks': ['**'],
      '@aws-cdk/core:failSynthOnValidationErrors': false,
    }),
  };
}
