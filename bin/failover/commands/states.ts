import { STATES } from '../../../lambda/failover/states';
import { wrapped } from '../../../lib/terminal/text';
import { statesTable, writeStates } from '../states-document';
import { EXIT } from '../../people/surroundings';
import { readArguments } from '../words';
import type { CommandOfPeople } from './command';
import { asJson } from '../../people/json';

export const states: CommandOfPeople = {
  about: 'every state that it knows, and what is done in each',
  help: `npm run failover -- states [options]   every state, and what is done in it

  --markdown        the table of docs/failover.md
  --write           writes that table into docs/failover.md
  --json            one JSON document for programs`,

  async run(args, { out, project }) {
    const { flags, common } = readArguments('states', args, { flags: ['markdown', 'write'] });
    const all = Object.entries(STATES).map(([name, state]) => ({ name, ...state }));
    if (flags.has('write')) {
      const isNew = writeStates(project);
      const sentence = `docs/failover.md ${isNew ? 'has the states of today now' : 'was up to date'}.`;
      out.write(common.isJson ? asJson({ written: isNew, sentence }) : `${sentence}\n`);
    } else if (common.isJson) out.write(asJson(all));
    else if (flags.has('markdown')) out.write(`${statesTable()}\n`);
    else out.write(`${all.flatMap(printed).join('\n')}\n`);
    return EXIT.fine;
  },
};

function printed({ name, seen, done, severity }: (typeof STATES)[keyof typeof STATES] & { name: string }) {
  const lines = [`seen: ${seen}`, `done: ${done}`].flatMap((text) =>
    wrapped(text, 76).map((part, index) => `${index === 0 ? '  ' : '    '}${part}`),
  );
  return [severity ? `${name} (${severity})` : name, ...lines];
}
