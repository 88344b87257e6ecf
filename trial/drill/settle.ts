/** After a drill: as it was before. */
import { sendFault } from '../view/source';
import { obstacle, retiredOf } from './group';
import type { Scene } from './scene';

/** @throws GoalMissed when it does not get there */
export async function settle(scene: Scene, replicas: number): Promise<void> {
  await sendFault(scene.running, { kind: 'heal' });
  await scene.until('a steady group', ({ stored: { memory } }) => memory?.phase === 'steady');
  await giveUpOld(scene);
  await namesBack(scene, replicas);
  await scene.until('a settled group', (look) => obstacle(look, replicas) === undefined);
}

/** Recovery is waived: old primaries are deleted. */
export async function giveUpOld(scene: Scene): Promise<void> {
  const { stored } = await scene.look();
  if (!stored.memory || retiredOf(stored.memory).length === 0) return;
  if (stored.memory.retired.some(({ recovery }) => recovery === 'needed')) {
    await scene.command({ kind: 'waive', why: 'a drill', recovered: false });
  }
  await scene.until(
    'the end of old primaries',
    ({ stored: { memory } }) => memory !== undefined && retiredOf(memory).length === 0,
  );
}

const isUsual = (identifier: string, replicas: number): boolean =>
  /-primary$/.test(identifier) || Number(/-replica-(\d+)$/.exec(identifier)?.[1] ?? Infinity) <= replicas;

/** Every database gets its usual name. */
export async function namesBack(scene: Scene, replicas: number): Promise<void> {
  const isSettled = ({ facts: { databases } }: Awaited<ReturnType<Scene['look']>>) =>
    databases.every(({ identifier }) => isUsual(identifier, replicas)) &&
    databases.every(({ identifier, role }) => (role === 'primary') === identifier.endsWith('-primary'));
  const look = await scene.until(
    'as many replicas as wanted',
    ({ stored: { memory } }) =>
      (memory?.seen ?? []).filter(({ role, fit }) => role === 'replica' && fit).length === replicas,
  );
  if (isSettled(look)) return;
  await scene.command({ kind: 'names' });
  await scene.until(
    'the usual names',
    (now) =>
      now.stored.memory?.naming === undefined && isSettled(now) && obstacle(now, replicas) === undefined,
  );
}
