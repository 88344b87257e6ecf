import type { Drill } from './drill';
import { controllerCrashes } from './scenarios/controller-crashes';
import { controllerCutOff } from './scenarios/controller-cut-off';
import { lostWrites } from './scenarios/lost-writes';
import { names } from './scenarios/names';
import { onlyReplica } from './scenarios/only-replica';
import { oneOfThreeReplicas } from './scenarios/one-of-three-replicas';
import { primaryCutOffAndBack } from './scenarios/primary-cut-off-and-back';
import { primaryFrozenAndThawed } from './scenarios/primary-frozen-and-thawed';
import { primaryKilled } from './scenarios/primary-killed';
import { replicaLagging } from './scenarios/replica-lagging';
import { switchover } from './scenarios/switchover';

export const DRILLS: readonly Drill[] = [
  onlyReplica,
  oneOfThreeReplicas,
  primaryKilled,
  primaryFrozenAndThawed,
  primaryCutOffAndBack,
  controllerCrashes,
  controllerCutOff,
  replicaLagging,
  switchover,
  names,
  lostWrites,
];
