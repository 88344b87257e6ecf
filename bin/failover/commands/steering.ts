/** switchover, promote, acknowledge, names: their words. */
import { readWhy } from '../../people/words';
import { COMMON_HELP, readArguments } from '../words';
import type { CommandOfPeople } from './command';
import { steer } from './steer';

const YES = `  --yes             nobody is asked`;
const FOLLOWED = `It is followed until the group is whole again; Ctrl-C ends the following only.`;

export const switchover: CommandOfPeople = {
  about: 'another primary, planned: nothing is lost',
  help: `npm run failover -- switchover [options]   another primary, and nothing lost

  --to REPLICA      who takes over (default: the first that is fit)
${YES}
${COMMON_HELP}

REPLICA is an identifier, without the site's name if you like: replica-2.
Writers are stopped, the replica gets everything, then it is promoted.
${FOLLOWED}`,
  run(args, surroundings) {
    const { values, flags, common } = readArguments('switchover', args, { values: ['to'], flags: ['yes'] });
    const isConfirmed = flags.has('yes');
    return steer({ kind: 'switchover', to: values['to'] }, { common, isConfirmed }, surroundings);
  },
};

export const promote: CommandOfPeople = {
  about: 'a replica takes over, whether the primary lives or not',
  help: `npm run failover -- promote --why "TEXT"   a replica takes over by command

  --why TEXT        why, for the journal
  --to REPLICA      who is promoted (default: who has received the most)
  --without-fence   goes on though nobody can show that clients are kept away
                    from the old primary
  --accept-loss     goes on though the replica is further behind than the limit
${YES}
${COMMON_HELP}

REPLICA is an identifier, without the site's name if you like: replica-2.
When a failover waits for a human, it goes on with this word.
${FOLLOWED}`,
  run(args, surroundings) {
    const { values, flags, common } = readArguments('promote', args, {
      values: ['why', 'to'],
      flags: ['without-fence', 'accept-loss', 'yes'],
    });
    const asked = {
      kind: 'promote',
      to: values['to'],
      why: readWhy('promote', values['why']),
      withoutFence: flags.has('without-fence'),
      acceptLoss: flags.has('accept-loss'),
    } as const;
    return steer(asked, { common, isConfirmed: flags.has('yes') }, surroundings);
  },
};

export const names: CommandOfPeople = {
  about: 'gives the databases the names of the template back',
  help: `npm run failover -- names [options]   gives the databases their usual names back

${YES}
${COMMON_HELP}

After a failover the primary bears a replica's name, and deployments may not
touch the databases. This is done in the maintenance window by itself.`,
  run(args, surroundings) {
    const { flags, common } = readArguments('names', args, { flags: ['yes'] });
    return steer({ kind: 'names' }, { common, isConfirmed: flags.has('yes') }, surroundings);
  },
};

export const acknowledge: CommandOfPeople = {
  about: 'another automatic failover may follow the last one',
  help: `npm run failover -- acknowledge [options]   another failover may follow the last

${COMMON_HELP}

Within failover.minimumIntervalMinutes of a failover, no other one begins by
itself: what made the first one needed may still be there.`,
  run(args, surroundings) {
    const { common } = readArguments('acknowledge', args, {});
    return steer({ kind: 'acknowledge' }, { common, isConfirmed: true }, surroundings);
  },
};
