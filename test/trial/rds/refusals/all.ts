/** The whole catalogue. */
import { AROUND } from './around';
import { CREATE } from './create';
import { MODIFY } from './modify';
import { REPLICAS } from './replica';
import { PARAMETER_GROUPS } from './parameter-groups';
import { REST } from './rest';
import type { Row } from './row';
import { BY_STATUS } from './statuses';
import { STORAGE } from './storage';

export const CATALOGUE: readonly Row[] = [
  ...CREATE,
  ...STORAGE,
  ...REPLICAS,
  ...MODIFY,
  ...REST,
  ...PARAMETER_GROUPS,
  ...AROUND,
  ...BY_STATUS,
];
