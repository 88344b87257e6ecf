import type { Hold, Stored } from '../../../lambda/failover/ports';
import type { JournalAccess } from '../journal';
import { EXIT, Refusal } from '../../people/surroundings';
import type { Surroundings } from '../surroundings';
import { ago } from '../../people/times';
import { silenceOf } from '../view';
import { readWhy } from '../../people/words';
import { COMMON_HELP, PROGRAM, readArguments } from '../words';
import type { CommandOfPeople } from './command';
import { asJson } from '../../people/json';
import { withJournal } from './opened';

/** A round may be waiting for a slow call; what it still does was decided before. */
const PATIENCE_MILLIS = 30_000;
const LOOK_EVERY_MILLIS = 500;

export const hold: CommandOfPeople = {
  about: 'the controller changes nothing until it is released',
  help: `npm run failover -- hold --why "TEXT"   the controller changes nothing

  --why TEXT        why, for whoever finds it on hold
${COMMON_HELP}

A failover that is under way stops where it is, and goes on after the release.`,

  async run(args, surroundings) {
    const { values, common } = readArguments('hold', args, { values: ['why'] });
    const why = readWhy('hold', values['why']);
    const { by, out } = surroundings;
    return withJournal(common, surroundings, async (journal) => {
      const { hold: before, memory } = await journal.read();
      const given: Hold = { by, at: journal.now(), why };
      if (before || !(await journal.hold(given))) throw new Refusal(already(before, journal.now()));
      const isSeen = await becomes(journal, surroundings, (name) => name === 'held');
      const stopped = memory?.failover ? ' The failover that was under way stops where it is.' : '';
      const sentence = isSeen
        ? `On hold: the controller has seen it, and changes nothing.${stopped}`
        : `On hold from the controller's next round on: it has not been seen yet.${stopped} ${PROGRAM} -- status shows when it is.`;
      out.write(common.isJson ? asJson({ hold: given, isSeen, sentence }) : `${sentence}\n`);
      return EXIT.fine;
    });
  },
};

const already = (before: Hold | undefined, now: number): string =>
  before
    ? `On hold already, by ${before.by} ${ago(before.at, now)}: "${before.why}". Two reasons need two people: release it first, or leave it.`
    : 'Somebody else has put it on hold in this moment: look with status.';

export const release: CommandOfPeople = {
  about: 'ends the hold',
  help: `npm run failover -- release [options]   ends the hold

${COMMON_HELP}

The controller begins anew with what it sees then: nothing that it decided
before is done.`,

  async run(args, surroundings) {
    const { common } = readArguments('release', args, {});
    const { out } = surroundings;
    return withJournal(common, surroundings, async (journal) => {
      const { hold: before } = await journal.read();
      await journal.release();
      const isSeen = before ? await becomes(journal, surroundings, (name) => name !== 'held') : true;
      const sentence = !before
        ? 'It was not on hold.'
        : isSeen
          ? `Released: the controller acts again. It was on hold by ${before.by}: "${before.why}".`
          : `Released: the controller acts from its next round on.`;
      out.write(common.isJson ? asJson({ released: before ?? null, isSeen, sentence }) : `${sentence}\n`);
      return EXIT.fine;
    });
  },
};

/** @returns whether the controller's state has become so in time; not when nobody is there to see it */
async function becomes(
  journal: JournalAccess,
  { sleep, signal }: Surroundings,
  isSo: (state: string | undefined) => boolean,
): Promise<boolean> {
  const end = journal.now() + PATIENCE_MILLIS;
  for (;;) {
    const stored: Stored = await journal.read();
    if (isSo(stored.memory?.state?.name)) return true;
    const isHopeless = !stored.memory || silenceOf(stored, journal.now()) !== undefined;
    if (isHopeless || signal.aborted || journal.now() >= end) return false;
    await sleep(LOOK_EVERY_MILLIS, signal);
  }
}
