import { UnreadableError } from '../guest-files.ts';
import type { ModulePlace } from './linux-facts.ts';
import { builtInModules, DRIVERS, readDependencies } from './modules.ts';

/** What tells where a kernel's modules are. */
export interface ModuleSources {
  /** Its `modules.builtin`, where there is one. */
  readonly builtIn: string | undefined;
  /** Its `modules.dep`, where there is one. */
  readonly dependencies: string | undefined;
  /** Where a module is that is not built in. */
  readonly placeOf: (name: string) => ModulePlace;
}

/**
 * Given what a kernel comes with, where each module that a virtio disk takes is.
 * @throws UnreadableError where what it takes, or what is built in, can't be told.
 */
export function placeModules(
  version: string,
  { builtIn, dependencies, placeOf }: ModuleSources,
): Map<string, ModulePlace> {
  const inKernel = builtInModules(builtIn ?? '');
  const drivers = DRIVERS.filter((driver) => !inKernel.has(driver));
  const needed = [...DRIVERS, ...drivers.flatMap((driver) => neededBy(driver, dependencies, placeOf, version))];
  const comesWith = dependencies === undefined ? undefined : readDependencies(dependencies);
  const findPlace = (name: string): ModulePlace => {
    if (inKernel.has(name)) return 'built in';
    const place = placeOf(name);
    const isUnknown = DRIVERS.includes(name) && comesWith?.has(name) === false;
    return place === 'missing' && isUnknown ? 'not built' : place;
  };
  const modules = new Map(needed.map((name) => [name, findPlace(name)]));
  if (builtIn === undefined && [...modules.values()].some((place) => place === 'missing' || place === 'not built'))
    throw new UnreadableError(`modules.builtin of ${version} is not there`);
  return modules;
}

function neededBy(
  driver: string,
  dependencies: string | undefined,
  placeOf: ModuleSources['placeOf'],
  version: string,
): string[] {
  if (placeOf(driver) === 'missing') return []; // no need to look further
  const needed = dependencies === undefined ? undefined : readDependencies(dependencies).get(driver);
  if (needed === undefined) throw new UnreadableError(`which modules ${driver} of ${version} needs can't be told`);
  return needed;
}
