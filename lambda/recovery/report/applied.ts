/** What an apply has done, as plain text for a terminal of 80 columns, a message or a log. */
import type { Applied, Counts, Told, Verdict } from '../apply/applied';
import type { SequenceOutcome } from '../sequences';
import { count, counted } from './times';
import { valueOf, visible } from './values';

type Outcome = Verdict['outcome'];

/** In the order of a person's interest: a heading, and the whole of it. */
const OUTCOMES: readonly (readonly [Outcome, string, string])[] = [
  ['applied', 'put back', 'put back'],
  ['replaced', 'replaced', 'conflicts: the lost version was written over the new one'],
  ['kept', 'kept', 'conflicts: the new version stays, the lost one is in the ledger'],
  ['skipped', 'left open', 'conflicts: left open'],
  ['changed since', 'changed', 'written here since the plan was made: they stay as they are'],
  ['refused', 'refused', 'refused by the database'],
  ['already here', 'here', 'were here already'],
  ['done before', 'before', 'done by an earlier run'],
];

/** Of what was not made, so many are told one by one. */
const MOST_TOLD = 10;

/** @param again the command that goes on where this one ended */
export function printApplied(applied: Applied, again: string): string {
  const lines = [
    headline(applied),
    '',
    ...OUTCOMES.flatMap(([outcome, , meaning]) => {
      const number = applied.counts[outcome] ?? 0;
      return number > 0 || outcome === 'applied' ? [`${count(number).padStart(12)}  ${meaning}`] : [];
    }),
    ...tables(applied),
    ...told('Refused by the database', applied.refused, applied.counts.refused),
    ...told('Written here since the plan was made', applied.changed, applied.counts['changed since']),
    ...sequences(applied),
    '',
    ...ending(applied, again),
  ];
  return `${lines.join('\n')}\n`;
}

function headline({ plan, isDryRun, isPaused, done, total, seconds, rowsPerSecond }: Applied): string {
  const what = isDryRun ? 'Dry run, nothing was written' : isPaused ? 'Paused' : 'Done';
  const speed = rowsPerSecond >= 1 ? `, ${count(Math.round(rowsPerSecond))} a second` : '';
  return `${what}: ${count(done)} of ${counted(total, 'change')} of ${plan}\nin ${seconds.toFixed(1)} s${speed}`;
}

/** A terminal's columns: a name that does not fit is cut, a sentence goes on in the next line. */
const WIDTH = 80;
const LEAST_NAME_LETTERS = 12;

function tables({ tables: all }: Applied): string[] {
  if (all.length === 0) return [];
  const shown = OUTCOMES.filter(([outcome]) => all.some(({ counts }) => (counts[outcome] ?? 0) > 0));
  const taken = shown.reduce((sum, [, heading]) => sum + widthOf(heading) + 1, 0);
  const letters = Math.max(LEAST_NAME_LETTERS, WIDTH - taken);
  const longest = Math.max(...all.map(({ table }) => [...visible(table)].length), 5);
  const width = Math.min(letters, longest);
  const row = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((text, index) => text.padStart(widthOf(shown[index]![1])))].join(' ');
  const numbers = (counts: Counts) =>
    shown.map(([outcome]) => ((counts[outcome] ?? 0) === 0 ? '–' : count(counts[outcome]!)));
  return [
    '',
    row(
      'table',
      shown.map(([, heading]) => heading),
    ),
    ...all.map(({ table, counts }) => row(shortened(visible(table), width), numbers(counts))),
  ];
}

/** Seven digits and their commas, when there is room for them. */
const widthOf = (heading: string): number => Math.max(heading.length, 7);

const shortened = (text: string, letters: number): string => {
  const all = [...text];
  return all.length <= letters ? text : `${all.slice(0, letters - 1).join('')}…`;
};

function told(heading: string, all: readonly Told[], number = all.length): string[] {
  if (all.length === 0) return [];
  const some = all.slice(0, MOST_TOLD);
  const lines = some.flatMap(({ number: change, table, operation, key, why }) => {
    const row = key.map((part) => valueOf(part).text).join(', ');
    return folded(`${change}. ${operation} ${visible(table)} (${row}): ${visible(why)}`);
  });
  const more = number - some.length;
  return ['', `${heading}:`, ...lines, ...(more > 0 ? [`  … and ${count(more)} more`] : [])];
}

/** Broken between words, with an indent; a word that is longer than a line is broken as well. */
function folded(text: string): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const word of text.split(' ').flatMap((one) => one.match(/.{1,70}/gsu) ?? [])) {
    if (line.trim() !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '    ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function sequences({ sequences: all, isDryRun }: Applied): string[] {
  const advanced = all.filter(({ outcome }) => outcome === 'advanced').length;
  const refused = all.filter(({ outcome }) => outcome === 'refused');
  return [
    ...(advanced > 0
      ? [
          '',
          `${counted(advanced, 'sequence')} ${isDryRun ? 'would be' : advanced === 1 ? 'was' : 'were'} set past what the old primary gave out.`,
        ]
      : []),
    ...(refused.length > 0 ? ['', 'Sequences that could not be set:', ...refused.flatMap(byHand)] : []),
  ];
}

const byHand = ({ name, why = 'refused', sql }: SequenceOutcome): string[] => [
  ...folded(`${visible(name)}: ${visible(why)}`),
  ...(sql === undefined ? [] : [`    ${visible(sql)}`]),
];

function ending({ isDryRun, isPaused, isComplete, counts }: Applied, again: string): string[] {
  if (isPaused) return ['It goes on where it was with the same command:', `  ${again}`];
  if (isDryRun) return ['To do it:', `  ${again}`];
  if (isComplete) return ['Every change is made or decided: recovery of this plan is complete.'];
  const open = (counts.skipped ?? 0) + (counts.refused ?? 0);
  return [
    open > 0
      ? `${counted(open, 'change')} of it ${open === 1 ? 'is' : 'are'} still open: the old primary stays in quarantine.`
      : 'Not all of it is decided: the old primary stays in quarantine.',
    'Make a new plan to see what is left: npm run recover -- plan',
  ];
}
