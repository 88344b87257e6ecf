import { agreement, changed } from '../agreement';
import { deniesUpdates, deployAgain, deployedAssembly, instancesOf } from '../account';
import type { Drill } from '../drill';
import { lostOnlyPastFork } from '../promises';
import { listed } from '../promises-of-group';
import { giveUpOld, namesBack } from '../settle';
import { identifierOf } from './parties';

/** After a failover template and account part; after recovery and renaming they are one again. */
export const names: Drill = {
  name: 'names',
  about: 'after a failover the databases get their names back',
  replicas: 2,
  async run(scene) {
    const { running } = scene;
    const assembly = deployedAssembly(scene.trialFolder, running);
    const dataStack = assembly.stacks.find(({ outputs }) => outputs.includes('FailoverJournal'))!.name;
    const before = await instancesOf(running);
    const old = identifierOf(scene.before, 'primary');
    await scene.fault({ kind: 'kill-database', database: old, stays: true });
    await scene.until('another primary', ({ stored: { memory } }) => memory?.phase === 'healing');
    await scene.whole();
    const wasDenied = await deniesUpdates(running, dataStack);
    // A last snapshot can be had of one that RDS can start again.
    await scene.fault({ kind: 'release-database', database: old }, 'released');
    await giveUpOld(scene);
    scene.mark('waived', `recovery of ${old} was waived: it is deleted`);
    await namesBack(scene, scene.replicas);
    scene.mark('named', 'every database has its usual name');
    const after = await instancesOf(running);
    const isDenied = await deniesUpdates(running, dataStack);
    const touched = await deployAgain(running, assembly);
    scene.mark('deployed', 'cdk deploy was run again');
    const look = await scene.whole();
    return (evidence) => {
      const { compared, differences } = agreement(assembly, before, after);
      const others = changed(before, after);
      return [
        listed('template and instances agree in every property', differences, `${compared} properties`),
        listed('RDS tells of them what it told before the failover', others, 'nothing differs'),
        {
          promise: 'deployments may not touch the databases in between, and may afterwards',
          isKept: wasDenied && !isDenied,
          found: `the stack policy ${wasDenied ? 'denied' : 'did not deny'} updates, and ${isDenied ? 'still denies' : 'allows'} them`,
        },
        listed('cdk deploy changes nothing', touched, `no change in ${assembly.stacks.length} stacks`),
        lostOnlyPastFork(evidence, old),
        {
          promise: 'the primary bears the name of the template',
          isKept: identifierOf(look.facts, 'primary') === old,
          found: look.facts.databases.map(({ identifier, role }) => `${identifier} (${role})`).join(', '),
        },
      ];
    };
  },
};
