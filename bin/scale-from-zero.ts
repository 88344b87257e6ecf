#!/usr/bin/env node
import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { blueprint } from '../lib/blueprint';
import { readSettings } from '../lib/settings/read';
import { SettingsError } from '../lib/settings/problem';

const FOLDER = resolve(__dirname, '..');

try {
  const app = new App();
  blueprint(app, readSettings(app.node.getAllContext(), FOLDER), FOLDER);
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
