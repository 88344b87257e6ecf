import { type Figure, type Goal, type Section, type Table, type Unit, median, reached } from './figure';
import type { Machine } from './machine';

export interface Report {
  readonly machine: Machine;
  /** How often each was measured. */
  readonly runs: number;
  readonly sections: readonly Section[];
}

/** For a terminal, or as Markdown in the form that prettier leaves alone. */
export function printed({ machine, runs, sections }: Report, markdown: boolean): string {
  const { date, processor, cores, memoryGiB, node, system } = machine;
  const medians = runs === 1 ? 'one run each, so a first impression only' : `medians of ${runs} runs`;
  return [
    `Measured on ${date}: ${processor}, ${cores} cores, ${memoryGiB} GiB of memory, ${system}, Node ${node}; ${medians}.`,
    ...sections.flatMap(({ title, about, figures, table }) => [
      `${markdown ? '## ' : ''}${title}`,
      about,
      tabulated(figureTable(figures), markdown),
      ...(table ? [tabulated(table, markdown)] : []),
    ]),
  ].join('\n\n');
}

/** The figures and what they come to, for programs. */
export function json({ machine, runs, sections }: Report): string {
  const withMedians = sections.map(({ figures, ...section }) => ({
    ...section,
    figures: figures.map((figure) => ({
      ...figure,
      median: median(figure.values),
      reached: verdict(figure),
    })),
  }));
  return JSON.stringify({ machine, runs, sections: withMedians }, null, 2);
}

const verdict = ({ goal, values }: Figure): boolean | undefined => goal && reached(median(values), goal);

function figureTable(figures: readonly Figure[]): Table {
  return {
    columns: [
      { name: 'Figure' },
      { name: 'Median', number: true },
      { name: 'Lowest to highest', number: true },
      { name: 'Goal', number: true },
      { name: 'Of the goal', number: true },
      { name: '' },
    ],
    rows: figures.map((figure) => {
      const { name, unit, values, goal } = figure;
      const middle = median(values);
      const range = `${quantity(Math.min(...values), unit)} to ${quantity(Math.max(...values), unit)}`;
      return [
        name,
        quantity(middle, unit),
        new Set(values).size === 1 ? '' : range,
        goal ? `${'atMost' in goal ? '≤' : '≥'} ${quantity(limit(goal), unit)}` : '',
        // Of nothing there is no share.
        goal && limit(goal) > 0 ? `${Math.round((100 * middle) / limit(goal))} %` : '',
        goal ? (verdict(figure) ? '✓' : '✗') : '',
      ];
    }),
  };
}

const limit = (goal: Goal): number => ('atMost' in goal ? goal.atMost : goal.atLeast);

const NAMES: Record<Unit, string> = {
  s: ' s',
  MiB: ' MiB',
  bytes: ' bytes',
  times: '×',
  resources: '',
  '%': ' %',
  writes: '',
  alarms: '',
  changes: '',
  'rows/s': ' rows/s',
};

const digitsOf = (value: number, unit: Unit): number => {
  if (unit === 's') return Math.abs(value) < 10 ? 2 : 1;
  return unit === 'times' ? 1 : unit === '%' ? 2 : 0;
};

/** A number with its unit: `2.41 s`, `8.1×`, `52,331 bytes`. */
export function quantity(value: number, unit: Unit): string {
  const digits = digitsOf(value, unit);
  const figure = value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${figure}${NAMES[unit]}`;
}

/** Columns that stand below each other, or the same as Markdown. */
export function tabulated({ columns, rows }: Table, markdown: boolean): string {
  const LEAST = 3; // Markdown's rule needs that many hyphens
  const widths = columns.map(({ name }, index) =>
    Math.max(LEAST, name.length, ...rows.map((row) => row[index]!.length)),
  );
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, index) =>
      columns[index]!.number ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
    );
    return markdown ? `| ${padded.join(' | ')} |` : `  ${padded.join('   ')}`.trimEnd();
  };
  const rule = widths.map((width, index) =>
    markdown && columns[index]!.number ? `${'-'.repeat(width - 1)}:` : (markdown ? '-' : '─').repeat(width),
  );
  return [line(columns.map(({ name }) => name)), line(rule), ...rows.map(line)].join('\n');
}
