import { TrialFailure } from '../failure';

/** What the system says of files, in a sentence that says what to do; any other error as it is. */
export function folderFailure(error: unknown, folder: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new TrialFailure(
        `The disk with ${folder} is full: make space, or remove the data of the trial.`,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new TrialFailure(
        `This user may not write ${path ?? folder}: give the folder to whoever runs the trial.`,
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new TrialFailure(`${path ?? folder} is no folder: remove it, or choose another one.`);
    default:
      return error;
  }
}
