import type { Arena, ClusterArena, Fault, StandaloneArena } from '../fault.js';

type Told = Omit<Fault, 'profiles' | 'arena' | 'run'> & { arena?: Fault['arena'] };

/** A fault of the cluster profile; shares its arena unless told otherwise. */
export function clusterFault(
  fault: Told & { run(cluster: ClusterArena, arena: Arena): Promise<void> },
): Fault {
  return {
    arena: 'shared',
    ...fault,
    profiles: ['cluster'],
    run: async (arena) => {
      if (arena.cluster === undefined) throw new RangeError(`${fault.name} is of the cluster profile`);
      await fault.run(arena.cluster, arena);
    },
  };
}

/** A fault of the standalone profile; shares its arena unless told otherwise. */
export function standaloneFault(
  fault: Told & { run(standalone: StandaloneArena, arena: Arena): Promise<void> },
): Fault {
  return {
    arena: 'shared',
    ...fault,
    profiles: ['standalone'],
    run: async (arena) => {
      if (arena.standalone === undefined) throw new RangeError(`${fault.name} is of the standalone profile`);
      await fault.run(arena.standalone, arena);
    },
  };
}

/** A fault of both profiles. */
export function anyFault(
  fault: Told & { run(tools: ClusterArena | StandaloneArena, arena: Arena): Promise<void> },
): Fault {
  return {
    arena: 'shared',
    ...fault,
    profiles: ['cluster', 'standalone'],
    run: async (arena) => {
      const tools = arena.cluster ?? arena.standalone;
      if (tools === undefined) throw new RangeError('an arena without a system');
      await fault.run(tools, arena);
    },
  };
}
