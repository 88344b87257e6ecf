import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { type Finding, explanationsOf, inVain } from '../support/explanations';
import { app } from '../support/synthesize';
import { OPTIONS, STAGES_IN_ENVIRONMENTS } from '../support/variants';

// The CDK's own validation as well (test/setup/validation.ts).
process.env['CDK_VALIDATION'] = 'true';

const VARIANTS = [...STAGES_IN_ENVIRONMENTS.filter(({ context }) => !context), ...OPTIONS];

/** cdk-nag without ears for what is acknowledged. */
class Unexplained extends AwsSolutionsChecks {
  /** @returns all that it finds */
  findings(scope: Parameters<AwsSolutionsChecks['validateScope']>[0]): Finding[] {
    Object.assign(this, { isAcknowledged: () => false });
    return this.validateScope(scope).violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => ({
        scanner: 'nag',
        rule: ruleName.replace('AwsSolutions-', ''),
        path: constructPath!,
      })),
    );
  }
}

test.each(VARIANTS)(
  'cdk-nag AwsSolutions and the CDK have nothing to say of $name, and each explanation is needed',
  ({ settings }) => {
    const created = app(settings);
    Validations.of(created).addPlugins(new AwsSolutionsChecks(created));
    const messages: string[] = [];
    const errors = jest.spyOn(console, 'error').mockImplementation((line) => messages.push(String(line)));
    const logs = jest.spyOn(console, 'log').mockImplementation((line) => messages.push(String(line)));
    try {
      created.synth();
    } catch (error) {
      messages.push(String(error));
    } finally {
      errors.mockRestore();
      logs.mockRestore();
    }
    expect(messages).toEqual([]);

    const explanations = explanationsOf(created).filter(({ scanner }) => scanner === 'nag');
    expect(explanations.length).toBeGreaterThan(3);
    expect(inVain(new Unexplained().findings(created), explanations)).toEqual([]);
  },
);
