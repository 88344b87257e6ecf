import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { DatabaseInstanceEngine, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import { Template } from 'aws-cdk-lib/assertions';
import { parameterGroup } from '../../../lib/data/parameter-group';
import { checkValue, parameterKind } from '../../../trial/rds/model/parameters';

function parametersOf(gibibytes: number, detectSeconds: number): Record<string, string> {
  const stack = new Stack(new App(), 'Data');
  const group = parameterGroup(stack, {
    engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_17 }),
    storage: Size.gibibytes(gibibytes),
    detectAfter: Duration.seconds(detectSeconds),
  });
  group.bindToInstance({});
  const [found] = Object.values(Template.fromStack(stack).findResources('AWS::RDS::DBParameterGroup'));
  return (found as { Properties: { Parameters: Record<string, string> } }).Properties.Parameters;
}

const SMALL = parametersOf(20, 1);
const LARGE = parametersOf(65_536, 600);

test('RDS knows each parameter, and takes its value', () => {
  for (const parameters of [SMALL, LARGE]) {
    for (const [name, value] of Object.entries(parameters)) checkValue(name, value);
  }
});

test('what follows from settings is in force without a reboot', () => {
  const changing = Object.keys(LARGE).filter((name) => LARGE[name] !== SMALL[name]);
  expect(changing.sort()).toEqual(['max_slot_wal_keep_size', 'wal_receiver_timeout', 'wal_sender_timeout']);
  // A static one would reboot the primary at the next update of the instance, whatever that is about.
  expect(changing.filter((name) => parameterKind(name)!.isStatic)).toEqual([]);
});
