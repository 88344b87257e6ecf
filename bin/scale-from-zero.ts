#!/usr/bin/env node
import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { blueprint } from '../lib/blueprint';
import { readSettings } from '../lib/settings/read';
import { SettingsError } from '../lib/settings/problem';

const FOLDER = resolve(__dirname, '..');

try {
  // Left to itself, an app would write its assembly at the end of the process even after an error.
  const app = new App({ autoSynth: false });
  blueprint(app, readSettings(app.node.getAllContext(), FOLDER), FOLDER);
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
