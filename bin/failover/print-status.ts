/** The group in lines of at most 80 columns. */
import type { Summary } from '../../lambda/failover/memory';
import { seconds } from '../../lib/terminal/quantities';
import { type Span, type Tone, WIDTH, cell, clean, columns, line, wrapped } from '../../lib/terminal/text';
import { ago, day, moment } from '../people/times';
import { HINTS } from './hints';
import { told } from './told';
import type { StateView, StatusView } from './view';

export interface PrintOptions {
  readonly colour?: boolean;
  /** Of the times of day; absent: this machine's. */
  readonly timeZone?: string;
}

type Severity = Extract<Tone, 'good' | 'change' | 'wrong'>;
type Row = readonly (Span | string)[];

/** Without colours, the mark alone has to tell. */
const MARKS: Record<Severity, string> = { good: '✓', change: '~', wrong: '✗' };

const marked = (severity: Severity): Span => ({ text: `${MARKS[severity]} `, tone: severity });
const title = (text: string): Row => [{ text, tone: 'strong' }];

export function printedStatus(view: StatusView, { colour = false, timeZone }: PrintOptions = {}): string[] {
  const sections = [
    steering(view, timeZone),
    instances(view),
    failover(view, timeZone),
    retired(view, timeZone),
    controller(view, timeZone),
  ].filter((rows) => rows.length > 0);
  const rows = [
    header(view, timeZone),
    ...view.warnings.flatMap((warning) => paragraph(warning, 'wrong')),
    ...headline(view),
    ...sections.flatMap((section) => [[], ...section]),
  ];
  return rows.map((row) => line(row, colour));
}

function header({ site, at, epoch, phase }: StatusView, timeZone?: string): Row {
  const time = moment(at, timeZone);
  const left = phase === undefined ? site : `${site} · ${phase} · epoch ${epoch}`;
  return [
    { text: cell(left, WIDTH - columns(time) - 1), tone: 'strong' },
    ' ',
    { text: time, tone: 'quiet' },
  ];
}

/** Marked, the lines below indented. */
function paragraph(text: string, severity: Severity): Row[] {
  const tone = severity === 'good' ? undefined : severity;
  return wrapped(text, WIDTH - 2).map((part, index) => [
    index === 0 ? marked(severity) : '  ',
    { text: part, tone },
  ]);
}

const indented = (text: string, tone: Tone | undefined = 'quiet', indent = 2): Row[] =>
  wrapped(text, WIDTH - indent).map((part) => [' '.repeat(indent), { text: part, tone }]);

/** `text` beside `head`, its further lines under its first. */
function below(head: readonly Span[], { text, tone }: Span): Row[] {
  const indent = head.reduce((sum, span) => sum + columns(span.text), 0);
  return wrapped(text, WIDTH - indent).map((part, index) => [
    ...(index === 0 ? head : [' '.repeat(indent)]),
    { text: part, tone },
  ]);
}

const SEVERITIES = { critical: 'wrong', warning: 'change', info: 'good' } as const;

function severityOf({ name, severity }: StateView): Severity {
  if (severity) return SEVERITIES[severity];
  return name === 'healthy' || name === 'healed' || name === 'opened' ? 'good' : 'change';
}

function headline({ state, at }: StatusView): Row[] {
  if (!state) return [];
  const since = seconds(Math.max(0, at - state.since) / 1000);
  return [
    ...paragraph(`${state.name} for ${since}: ${clean(state.seen)}`, severityOf(state)),
    ...state.reasons.flatMap((reason) => indented(`because ${clean(reason)}`)),
    ...(state.name === 'healthy' ? [] : indented(`done: ${clean(state.done)}`)),
    ...(HINTS[state.name] ? indented(`to do: ${HINTS[state.name]}`, 'change') : []),
  ];
}

/** What people have asked for. */
function steering({ hold, command, answer, naming, at }: StatusView, timeZone?: string): Row[] {
  const rows = [
    ...(hold
      ? paragraph(
          `On hold by ${clean(hold.by)} since ${day(hold.at, at, timeZone)}: ${clean(hold.why)}`,
          'change',
        )
      : []),
    ...(naming
      ? paragraph(
          `Names are given back since ${day(naming.since, at, timeZone)}, by ${clean(naming.by)}`,
          'change',
        )
      : []),
    ...(command
      ? paragraph(
          `${told(command)}, by ${clean(command.by)} ${ago(command.at, at)}: waits for the controller`,
          'change',
        )
      : []),
    ...(answer
      ? paragraph(
          `Last command ${answer.outcome} ${ago(answer.at, at)}: ${clean(answer.sentence)}`,
          answer.outcome === 'refused' ? 'change' : 'good',
        )
      : []),
  ];
  return rows.length > 0 ? [title('Commands'), ...rows] : [];
}

/** Longer identifiers are cut; 63 letters are the most that RDS takes. */
const NAME = { least: 16, most: 28 };

function instances({ instances: all, phase }: StatusView): Row[] {
  if (phase === undefined) return [];
  if (all.length === 0) return [title('Databases'), [marked('wrong'), 'none was seen yet']];
  const longest = Math.max(...all.map(({ identifier }) => columns(clean(identifier))));
  const name = Math.min(NAME.most, Math.max(NAME.least, longest)) + 1;
  const heads = `${' '.repeat(name)}${cell('role', 10)}${cell('RDS', 13)}${cell('lag', 7, 'right')}  ${cell('received', 12)}${cell('reads', 6, 'right')}`;
  return [
    [{ text: `Databases${`  ${heads}`.slice('Databases'.length)}`, tone: 'strong' }],
    ...all.flatMap((instance) => instanceRows(instance, name)),
  ];
}

function instanceRows(instance: Summary, name: number): Row[] {
  const { identifier, role, status, reached, fit, why, received = '', lagMillis, readerWeight } = instance;
  const severity = judged(instance);
  const lag = lagMillis === undefined || role === 'primary' ? '' : seconds(lagMillis / 1000);
  const row: Row = [
    marked(severity),
    cell(identifier, name),
    cell(role, 10),
    { text: cell(status, 13), tone: status === 'available' ? undefined : 'change' },
    { text: cell(lag, 7, 'right'), tone: severity === 'good' ? undefined : severity },
    { text: `  ${cell(received, 12)}`, tone: 'quiet' },
    cell(readerWeight === undefined ? '–' : `${readerWeight}`, 6, 'right'),
  ];
  const remark = why ?? (reached ? (fit ? undefined : 'is not fit') : 'does not answer');
  return remark === undefined
    ? [row]
    : [row, ...indented(remark, severity === 'good' ? 'quiet' : severity, 4)];
}

function judged({ role, reached, fit }: Summary): Severity {
  // In quarantine it serves nobody, whatever it says.
  if (role === 'retired' || role === 'orphan') return 'change';
  if (!reached) return 'wrong';
  return fit ? 'good' : 'change';
}

function failover({ failover: under, at }: StatusView, timeZone?: string): Row[] {
  if (!under) return [];
  const to = under.candidate === undefined ? 'nobody chosen yet' : clean(under.candidate);
  const { override } = under;
  const begun = under.timeline[0]?.at ?? at;
  return [
    title(`Under way: ${told({ kind: under.kind })} from ${clean(under.from)} to ${to}`),
    ...under.timeline.flatMap((milestone) =>
      below(
        [
          { text: `  ${cell(moment(milestone.at, timeZone), 9)}`, tone: 'quiet' },
          { text: cell(`+${seconds((milestone.at - begun) / 1000)}`, 8), tone: 'quiet' },
          { text: cell(milestone.what, 13) },
        ],
        { text: milestone.text },
      ),
    ),
    ...(override
      ? indented(
          `${clean(override.by)} overrides ${[override.fence ? 'the fence' : '', override.lag ? 'the lag limit' : ''].filter(Boolean).join(' and ') || 'nothing'}: ${clean(override.why)}`,
          'change',
        )
      : []),
  ];
}

function retired({ retired: all, at }: StatusView, timeZone?: string): Row[] {
  if (all.length === 0) return [];
  return [
    title('Old primaries in quarantine'),
    ...all.flatMap(({ identifier, epoch, since, waitsFor, why }): Row[] => [
      [marked('change'), `${clean(identifier)}: until epoch ${epoch}, since ${day(since, at, timeZone)}`],
      ...indented(why === undefined ? waitsFor : `${waitsFor} (${clean(why)})`, 'quiet', 4),
    ]),
  ];
}

function controller(
  { controller: alive, lastFailover, stackPolicy, phase, at }: StatusView,
  timeZone?: string,
): Row[] {
  if (phase === undefined) return [];
  const round = alive.lastRoundAt === undefined ? 'unknown' : ago(alive.lastRoundAt, at);
  const last = lastFailover
    ? `${day(lastFailover.at, at, timeZone)}, ${lastFailover.acknowledged ? 'acknowledged' : 'not acknowledged'}`
    : 'none';
  const facts: [string, string, Severity][] = [
    ['last round', round, alive.isSilent ? 'wrong' : 'good'],
    ['last failover', last, 'good'],
    [
      'deployments',
      stackPolicy === 'closed'
        ? 'may not touch the databases until they have their usual names again'
        : 'may change the databases',
      stackPolicy === 'closed' ? 'change' : 'good',
    ],
  ];
  return [
    title('Controller'),
    ...facts.flatMap(([what, text, severity]) =>
      below([marked(severity), { text: cell(what, 15), tone: 'quiet' }], {
        text,
        tone: severity === 'good' ? undefined : severity,
      }),
    ),
  ];
}
