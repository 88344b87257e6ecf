/**
 * Makes a fresh clone ready: npm's packages, and a Python environment for requirements.txt in .venv.
 *
 * Runs before anything is installed, so it uses nothing but Node. A stamp is written when a part is complete and taken
 * away before it is changed, so a run that was killed is repaired by the next. A lock keeps two runs apart. Nothing is
 * installed outside this folder.
 */
import { lock, unlock } from './setup/lock.mjs';
import { installPackages, packagesReady } from './setup/packages.mjs';
import { stop } from './setup/programs.mjs';
import { installPython, pythonReady } from './setup/python.mjs';
import { Failure } from './setup/terminal.mjs';

const NODE_AT_LEAST = 20;

async function setUp() {
  if (Number(process.versions.node.split('.')[0]) < NODE_AT_LEAST) {
    throw new Failure(
      `Node ${process.versions.node} is too old. Install Node ${NODE_AT_LEAST} or newer (https://nodejs.org) and run this again.`,
    );
  }
  if (packagesReady() && pythonReady()) return;
  await lock();
  if (!packagesReady()) await installPackages();
  if (!pythonReady()) await installPython();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    stop();
    unlock();
    process.exit(130);
  });
}

try {
  await setUp();
} catch (error) {
  const known = error instanceof Failure;
  if (!known && error.code === 'ENOSPC') {
    console.error('The set-up failed: the disk is full. Free about 1 GB and run this again.');
  } else {
    console.error(
      known ? error.message : `The set-up failed: ${error.message}. Remedy that and run this again.`,
    );
  }
  process.exitCode = 1;
} finally {
  unlock();
}
