import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { bootAsset, bootScript, type DatabasePlace, sha256 } from '../../../lib/web/boot-script';
import { userData, type UserDataProps } from '../../../lib/web/user-data';
import {
  ONE_OF_MANY,
  SINGLE_SERVER,
  SINGLE_SERVER_WITHOUT_DOMAIN,
  SPLIT_DATABASE,
} from '../../support/stand-ins/boot-props';
import { venvProgram } from '../../support/venv';

/** User data with the boot script in the place of the line that reads it: shellcheck sees one program. */
const whole = (props: UserDataProps) => {
  const script = bootScript(props.loneServer?.database.kind).replace('#!/bin/bash\n', '');
  const [before, after] = userData(props).split('main() {');
  return `${before}${script}main() {${after}`.replace(/^ *source .*\n/m, '');
};

const shellcheck = (script: string) => {
  const { stdout, stderr, status } = spawnSync(
    venvProgram('shellcheck'),
    ['--shell=bash', '--severity=style', '-'],
    { input: script, encoding: 'utf8' },
  );
  return { said: stdout + stderr, status };
};

test.each<[string, UserDataProps]>([
  ['single-server', SINGLE_SERVER],
  ['single-server without a domain', SINGLE_SERVER_WITHOUT_DOMAIN],
  ['split-database', SPLIT_DATABASE],
  ['load-balanced and replicated', ONE_OF_MANY],
])('shellcheck has nothing to object to in what runs at %s', (_, props) => {
  expect(shellcheck(whole(props))).toEqual({ said: '', status: 0 });
});

test('shellcheck sees a misspelt variable', () => {
  const { said, status } = shellcheck(whole(ONE_OF_MANY).replaceAll('$REASON', '$REASN'));
  expect(said).toContain('Possible misspelling: REASN may not be assigned');
  expect(status).toBe(1);
});

describe.each<DatabasePlace | undefined>([undefined, 'local', 'remote'])('the asset of %s', (database) => {
  const staged = () => {
    const app = new App({ analyticsReporting: false });
    const { asset, sha256: sum } = bootAsset(new Stack(app, 'Web'), database);
    return { file: join(app.assetOutdir, asset.assetPath), hash: asset.assetHash, sum };
  };

  test('is the boot script, with the checksum that proves it', () => {
    const { file, sum } = staged();
    expect(file).toMatch(/\.sh$/);
    expect(readFileSync(file, 'utf8')).toBe(bootScript(database));
    expect(sum).toBe(sha256(readFileSync(file)));
  });

  test('is the same each time, so that nothing is deployed for nothing', () => {
    const { hash, sum } = staged();
    expect(staged()).toMatchObject({ hash, sum });
  });
});
