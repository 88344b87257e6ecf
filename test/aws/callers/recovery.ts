/** The recovery function: all that it takes from outside. */
import { makeParts, type Parts } from '../../../lambda/recovery/aws/parts';
import { recoveryEnvironment } from '../../../lambda/recovery/environment';
import { planKeys } from '../../../lambda/recovery/run-state';
import { secretsManager } from '../../../app/database/credentials';
import { PLAN } from '../../lambda/recovery/made-plan';
import { answersOf } from '../answers';
import { authorities } from '../authorities';
import { recordCalls } from '../recording';
import { type Caller, environmentOf } from './caller';

const REQUEST = { kind: 'plan', run: 'plan-1', by: 'anna@laptop', at: 1 } as const;

export const recovery: Caller = {
  name: 'recovery',
  function: 'RecoveryFunction',
  role: 'RecoveryRole',
  drive: (site) =>
    recordCalls('recovery', answersOf(site), async () => {
      const environment = recoveryEnvironment(environmentOf(site, 'RecoveryFunction', authorities()));
      const parts = makeParts(environment);
      const { files, runs } = parts;
      /** A part that is new is an error of types here; what calls nothing of AWS does nothing. */
      const ofParts: Record<keyof Parts, () => Promise<unknown> | void> = {
        journal: () => parts.journal(),
        putCommand: () => parts.putCommand({ id: 'command-1', by: 'recovery', at: 1, kind: 'acknowledge' }),
        rds: () => parts.rds.call('DescribeDBInstances', {}),
        access: async () => {
          for (const stage of [undefined, 'AWSPREVIOUS'] as const)
            await secretsManager(site.region, stage)(environment.secretArn);
        },
        files: async () => {
          await files.putPlan(PLAN);
          await files.getPlan(PLAN.head.id).catch((error: Error) => {
            // The answer has no bytes: it was asked for.
            if (!/plan\.jsonl/.test(error.message)) throw error;
          });
          for (const key of Object.values(planKeys(PLAN.head.id))) await files.put(key, 'text', 'text/html');
        },
        runs: async () => {
          const { state } = await runs.begin(REQUEST, 'me');
          await runs.write(state, 'me');
          await runs.isStopped(REQUEST.run);
        },
        notify: () => parts.notify({ severity: 'info', subject: 'a plan', text: 'It is made.' }),
        bucket: () => undefined,
        log: () => undefined,
        now: () => undefined,
        sleep: () => undefined,
      };
      for (const ask of Object.values(ofParts)) await ask();
    }),
};
