import type { CommandOfPeople as Command } from '../../people/command';
import type { Surroundings } from '../surroundings';

export type CommandOfPeople = Command<Surroundings>;
