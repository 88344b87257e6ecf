import { startControl } from './control/server';
import type { Outcome } from './trial';
import { FactFinder } from './world/facts';
import { applyFault } from './world/faults';
import type { World } from './world/world';

/**
 * Starts what serves the site, waits until it answers, and tells other programs that the trial runs.
 *
 * @param folder for `running.json`
 * @returns the site's URL, and whether it has answered
 * @throws TrialFailure
 */
export async function serveTrial(
  world: World,
  { target, assembly }: Outcome,
  folder: string,
  port?: number,
): Promise<{ readonly site: string; readonly answers: boolean }> {
  await world.serve(port);
  const site = world.loadBalancer!.url;
  const answers = await answered(site);
  const finder = new FactFinder(world, assembly.stage, site);
  const control = await startControl({
    folder,
    site,
    target,
    facts: () => finder.facts(),
    fault: (fault) => applyFault(world, fault),
  });
  world.onClose(async () => control.close());
  return { site, answers };
}

/** How long the first server may take; two seconds are usual, on a machine that is not busy. */
export const PATIENCE_MILLIS = 120_000;
const POLL_MILLIS = 100;

/**
 * Waits for the first answer of a server: another site than the sample has no notes, and says 404. Errors of the server
 * are the load balancer's, or those of a site whose database is not ready.
 */
async function answered(site: string): Promise<boolean> {
  for (const end = Date.now() + PATIENCE_MILLIS; Date.now() < end;) {
    const response = await fetch(`${site}/api/notes`).catch(() => undefined);
    if (response && response.status < 500) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS));
  }
  return false;
}
