import { startControl } from './control/server';
import type { Outcome } from './trial';
import { FactFinder } from './world/facts';
import { applyFault } from './world/faults';
import type { World } from './world/world';

/**
 * Starts what serves the site, waits until it answers, and tells other programs that the trial runs.
 *
 * @param folder for `running.json`
 * @returns the site's URL
 * @throws TrialFailure
 */
export async function serveTrial(
  world: World,
  { target, assembly }: Outcome,
  folder: string,
  port?: number,
): Promise<string> {
  await world.serve(port);
  const site = world.loadBalancer!.url;
  await answered(site);
  const finder = new FactFinder(world, assembly.stage, site);
  const control = await startControl({
    folder,
    site,
    target,
    facts: () => finder.facts(),
    fault: (fault) => applyFault(world, fault),
  });
  world.onClose(async () => control.close());
  return site;
}

/** How long the first server may take; two seconds are usual. */
const PATIENCE_MILLIS = 60_000;
const POLL_MILLIS = 100;

/** Waits for the first good answer; after the time the site is shown as it is, and `status` tells why. */
async function answered(site: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MILLIS; Date.now() < end;) {
    const response = await fetch(`${site}/api/notes`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS));
  }
}
