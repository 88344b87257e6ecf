import type { Memory, Retired } from '../../../lambda/failover/memory';
import { steer } from '../../failover/commands/steer';
import { nameOf } from '../../failover/timeline';
import { Refusal } from '../../people/surroundings';
import { readWhy } from '../../people/words';
import { COMMON_HELP, readArguments, typed, whole } from '../words';
import type { CommandOfPeople } from './command';
import { momentUtc } from '../view';

export const waive: CommandOfPeople = {
  about: 'gives up what was not put back: the old primary is deleted',
  help: `npm run recover -- waive --why "TEXT" [options]   gives up what is not put back

  --why TEXT        why nothing more is to be recovered, for the journal
  --epoch NUMBER    of the failover (default: the only one that waits)
  --recovered       it is put back already, by hand or without AWS
  --yes             nobody is asked
${COMMON_HELP}

An old primary stays in quarantine with the writes that no replica had
received until recovery is done or this is said. Then the controller deletes
it, with a last snapshot where one can be had.`,
  run(args, surroundings) {
    const { values, flags, common } = readArguments('waive', args, {
      values: ['why', 'epoch'],
      flags: ['recovered', 'yes'],
    });
    const why = readWhy('waive', values['why']);
    const epoch = whole('epoch', values['epoch'], 0, 999_999_999);
    const recovered = flags.has('recovered');
    return steer(
      (memory) => ({ kind: 'waive', why, recovered, of: chosen(memory, epoch).resourceId }),
      { common, isConfirmed: flags.has('yes') },
      surroundings,
      (_, memory) => ({
        what: recovered ? 'lets an old primary be deleted' : 'gives up lost writes',
        sentences: givenUp(memory, chosen(memory, epoch), recovered),
      }),
    );
  },
};

/** @throws Refusal that names those that may be meant */
function chosen({ retired }: Memory, epoch: number | undefined): Retired {
  const waiting = retired.filter(({ recovery }) => recovery === 'needed');
  const meant = epoch === undefined ? waiting : waiting.filter((one) => one.epoch === epoch);
  const [first] = meant;
  if (first && meant.length === 1) return first;
  const epochs = waiting.map((one) => one.epoch).join(', ');
  if (waiting.length === 0)
    throw new Refusal('No old primary waits for recovery: nothing is to be given up.');
  throw new Refusal(
    first
      ? `${waiting.length} old primaries wait, of epochs ${epochs}: say which one is meant, by --epoch.`
      : `No old primary of epoch ${epoch} waits for recovery, but of ${epochs}.`,
  );
}

function givenUp(memory: Memory, { resourceId, epoch, fork, since }: Retired, recovered: boolean): string[] {
  const name = nameOf(memory, resourceId);
  const beat = fork && fork.heartbeatAt > 0 ? `, about ${momentUtc(fork.heartbeatAt)}` : '';
  const lost = fork
    ? `what ${name} had committed after ${fork.lsn}${beat}, and no replica had received`
    : `what ${name} may have that no replica had received`;
  return [
    `${name} is in quarantine since ${momentUtc(since)}, after the failover of epoch ${epoch}.`,
    recovered
      ? `You say that it is put back: ${lost}.`
      : `Given up is ${lost}. ${typed('plan')} shows what that is, and can still put it back.`,
    `The controller then deletes ${name}, with a last snapshot where one can be had. That cannot be taken back.`,
  ];
}
