/** Plan → what people read. */
import type { Plan } from '../plan';
import { html } from './html';
import { markdown } from './markdown';
import { type ReportOptions, planReport } from './plan-report';
import { ANCHORS } from './shared';
import { summaryOf } from './summary';
import { count } from './times';

export const markdownReport = (plan: Plan, options?: ReportOptions): string =>
  markdown(planReport(plan, options));

/** One page, readable without network. */
export function htmlReport(plan: Plan, options?: ReportOptions): string {
  const { apply, conflicts, unrecoverable, split } = summaryOf(plan);
  return html(planReport(plan, options), {
    title: `Recovery plan ${plan.head.id}`,
    links: [
      { text: `Put back: ${count(apply.all)}`, id: ANCHORS.apply },
      { text: `Conflicts: ${count(conflicts)}`, id: ANCHORS.conflicts },
      { text: `Unrecoverable: ${count(unrecoverable)}`, id: ANCHORS.unrecoverable },
      ...(split.length > 0
        ? [{ text: `Split transactions: ${count(split.length)}`, id: ANCHORS.split }]
        : []),
    ],
  });
}
