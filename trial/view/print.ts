/** The running trial as lines of at most 80 columns: the way of a request from DNS to the last replica. */
import type { DatabaseFacts, TrialFacts } from '../control/contract';
import {
  type Judgement,
  type Severity,
  judgeController,
  judgeDatabase,
  judgeLoadBalancer,
  judgeName,
  judgeServer,
  leading,
  troubles,
  worst,
} from './judge';
import { bytes, clock, count, milliseconds, rate, seconds } from '../../lib/terminal/quantities';
import { type Span, WIDTH, cell, clean, columns, cut, flowed, line, wrapped } from '../../lib/terminal/text';

export interface PrintOptions {
  readonly colour?: boolean;
  /** Of the times of day; absent: this machine's. */
  readonly timeZone?: string;
}

/** Without colours, the mark alone has to tell. */
const MARKS: Record<Severity, string> = { good: '✓', change: '~', wrong: '✗' };

/** What is going wrong now is told by the states; events say how it came to that. */
const EVENTS = 8;

const HEADLINE_LINES = 3;

/** Of the controller's: what counts most comes first. */
const REASONS = 3;

type Row = readonly (Span | string)[];

export function printed(facts: TrialFacts, { colour = false, timeZone }: PrintOptions = {}): string[] {
  const sections = [
    names(facts),
    loadBalancer(facts),
    servers(facts),
    databases(facts),
    controller(facts),
    functions(facts),
    faults(facts),
    events(facts, timeZone),
  ].filter((rows) => rows.length > 0);
  const rows = [
    header(facts, timeZone),
    ...headline(facts),
    ...sections.flatMap((section) => [[], ...section]),
  ];
  return rows.map((row) => line(row, colour));
}

const title = (text: string): Row => [{ text, tone: 'strong' }];

const marked = ({ severity }: Judgement): Span => ({ text: `${MARKS[severity]} `, tone: severity });

/** In the tone of what is wrong; what is well stays calm. */
const told = (text: string, { severity }: Judgement): Span =>
  severity === 'good' ? { text } : { text, tone: severity };

function header({ stage, site, at }: TrialFacts, timeZone?: string): Row {
  const time = clock(at, timeZone);
  const left = `${clean(stage)} · ${clean(site)}`;
  return [
    { text: cell(left, WIDTH - columns(time) - 1), tone: 'strong' },
    ' ',
    { text: time, tone: 'quiet' },
  ];
}

function headline(facts: TrialFacts): Row[] {
  const found = troubles(facts);
  const severity = worst(found.map((trouble) => trouble.severity));
  const text = found.map(({ clause }) => clause).join('; ') || 'All is well.';
  const all = wrapped(text, WIDTH - 2);
  const shown = all.slice(0, HEADLINE_LINES);
  if (all.length > shown.length) shown[HEADLINE_LINES - 1] = `${cut(shown.at(-1)!, WIDTH - 4)} …`;
  return shown.map((part, index) => [
    index === 0 ? marked({ severity }) : '  ',
    { text: part, tone: severity === 'wrong' ? 'wrong' : undefined },
  ]);
}

function names(facts: TrialFacts): Row[] {
  if (facts.names.length === 0) return [];
  const width = Math.min(40, Math.max(...facts.names.map(({ name }) => columns(clean(name)))));
  const room = WIDTH - width - 6;
  return [
    title('DNS'),
    ...facts.names.flatMap((name): Row[] => {
      const judgement = judgeName(name, facts);
      const weights = new Set(leading(name).map(({ weight }) => weight));
      const goals = leading(name).map(({ to, weight }) =>
        // Equal weights tell nothing.
        weight === undefined || weights.size === 1 ? clean(to) : `${clean(to)} (weight ${weight})`,
      );
      const [first = '', ...rest] = flowed(goals.length > 0 ? goals : [judgement.remark ?? ''], ', ', room);
      return [
        [marked(judgement), cell(name.name, width), { text: '  → ', tone: 'quiet' }, told(first, judgement)],
        ...rest.map((part): Row => [' '.repeat(width + 6), told(part, judgement)]),
      ];
    }),
  ];
}

function loadBalancer(facts: TrialFacts): Row[] {
  const { loadBalancer: balancer } = facts;
  if (!balancer) return [];
  const judgement = judgeLoadBalancer(facts);
  const { answers, p95Milliseconds } = balancer;
  const speed = p95Milliseconds === undefined ? '' : `, 95 % within ${milliseconds(p95Milliseconds)}`;
  const classes = (['2xx', '3xx', '4xx', '5xx'] as const)
    .filter((name) => answers[name] > 0)
    .map((name) => `${count(answers[name])} ${name}`);
  const minute = `last minute: ${classes.join(', ') || 'no answers'}`;
  return [
    title('Load balancer'),
    [marked(judgement), cell(balancer.url, 32), `${rate(balancer.requestsPerSecond)} requests/s${speed}`],
    ['  ', ' '.repeat(32), answers['5xx'] > 0 ? told(minute, judgement) : { text: minute, tone: 'quiet' }],
  ];
}

function servers(facts: TrialFacts): Row[] {
  const rows = facts.servers.map((server, index): Row => {
    const judgement = judgeServer(server);
    return [
      marked(judgement),
      // By this number the commands take it.
      cell(`${index + 1}`, 3),
      cell(server.id, 21),
      told(cell(server.state, 11), judgement),
      cell(`${rate(server.requestsPerSecond)}/s`, 9, 'right'),
      { text: `  ${cell(server.zone, 14)} ${clean(server.address)}`, tone: 'quiet' },
    ];
  });
  return [title('Servers'), ...(rows.length > 0 ? rows : [[marked({ severity: 'wrong' }), 'none']])];
}

function databases(facts: TrialFacts): Row[] {
  const rows = inTree(facts.databases).map(({ database, branch }): Row => {
    const judgement = judgeDatabase(database);
    return [
      marked(judgement),
      cell(`${branch}${database.identifier}`, 26),
      told(cell(database.state, 12), judgement),
      // Below its source, nobody takes it for a primary.
      told(cell(`${branch ? '' : `${database.role}, `}${said(database, judgement)}`, 24), judgement),
      { text: database.address ? ` ${clean(database.address)}` : '', tone: 'quiet' },
    ];
  });
  return [title('Databases'), ...(rows.length > 0 ? rows : [[marked({ severity: 'wrong' }), 'none']])];
}

function said({ role, server, inQuarantine }: DatabaseFacts, { severity, remark }: Judgement): string {
  if (role === 'retired') return inQuarantine ? 'quarantine' : (remark ?? '');
  if (!server) return severity === 'change' ? 'not yet there' : 'does not answer';
  if (severity === 'wrong') return remark ?? '';
  if (role === 'primary') return `${server.connections} connection${server.connections === 1 ? '' : 's'}`;
  const { lagSeconds = 0, lagBytes = 0 } = server;
  if (lagSeconds === 0 && lagBytes === 0) return 'up to date';
  const behind = [lagSeconds > 0 ? seconds(lagSeconds) : '', lagBytes > 0 ? bytes(lagBytes) : ''];
  return `lags ${behind.filter(Boolean).join(', ')}`;
}

const ROLES = ['primary', 'replica', 'retired'];

interface Branch {
  readonly database: DatabaseFacts;
  readonly branch: string;
}

/** Each replica below its source; whose source is gone comes last, by itself. */
export function inTree(all: readonly DatabaseFacts[]): readonly Branch[] {
  const placed = new Set<DatabaseFacts>();
  const below = (database: DatabaseFacts, lead: string, branch: string): Branch[] => {
    if (placed.has(database)) return [];
    placed.add(database);
    const children = all.filter(
      ({ source, identifier }) => source === database.identifier && identifier !== source,
    );
    return [
      { database, branch },
      ...children.flatMap((child, index) => {
        const isLast = index === children.length - 1;
        return below(child, lead + (isLast ? '  ' : '│ '), lead + (isLast ? '└ ' : '├ '));
      }),
    ];
  };
  const isRoot = ({ source }: DatabaseFacts) => !all.some(({ identifier }) => identifier === source);
  const roots = [...all]
    .filter(isRoot)
    .sort((one, other) => ROLES.indexOf(one.role) - ROLES.indexOf(other.role));
  // What follows each other in a circle has no root: shown all the same.
  return [...roots, ...all].flatMap((root) => below(root, '', ''));
}

/** What it sees, and why. */
function controller(facts: TrialFacts): Row[] {
  if (!facts.controller) return [];
  const { state, phase, epoch, reasons, roundAt, hold } = facts.controller;
  const judgement = judgeController(facts);
  const under = phase === undefined || phase === 'steady' || phase === state ? '' : `, phase ${phase}`;
  const what = state === undefined ? 'not yet begun' : `${state} (epoch ${epoch}${under})`;
  const when = roundAt === undefined ? '' : `, looked ${seconds(Math.max(0, facts.at - roundAt) / 1000)} ago`;
  const why = hold === undefined ? reasons : [`on hold, ${hold}`, ...reasons];
  return [
    title('Failover controller'),
    [marked(judgement), told(clean(what), judgement), { text: when, tone: 'quiet' }],
    ...why
      .slice(0, REASONS)
      .map((reason): Row => ['  ', { text: cut(clean(reason), WIDTH - 2), tone: 'quiet' }]),
  ];
}

function functions({ functions: all, at }: TrialFacts): Row[] {
  if (all.length === 0) return [];
  return [
    title('Functions'),
    ...all.map(({ name, lastStart, lastOutcome }): Row => {
      const when =
        lastStart === undefined ? 'not yet started' : `${seconds(Math.max(0, at - lastStart) / 1000)} ago`;
      return ['  ', cell(name, 30), ' ', cell(when, 16), { text: clean(lastOutcome ?? ''), tone: 'quiet' }];
    }),
  ];
}

function faults({ faults: all }: TrialFacts): Row[] {
  if (all.length === 0) return [];
  return [
    title('Faults that hold'),
    ...all.map((fault): Row => [marked({ severity: 'change' }), clean(fault)]),
  ];
}

function events({ events: all }: TrialFacts, timeZone?: string): Row[] {
  if (all.length === 0) return [];
  return [
    title('Latest events'),
    ...all
      .slice(0, EVENTS)
      .map(({ at, about, message }): Row => [
        { text: `  ${clock(at, timeZone)}  `, tone: 'quiet' },
        `${cell(about, 20)} `,
        clean(message),
      ]),
  ];
}
