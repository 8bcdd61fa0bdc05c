import type { Arena, ClusterArena, Fault, StandaloneArena } from '../fault.js';
import { OwnClient } from '../tools/own-client.js';
import { WORKERS, writesGoOn } from './conditions.js';
import { clusterFault, standaloneFault } from './for-profile.js';
import { terminated } from './groups.js';

const NAMESPACE = 'own-again';
const PATH = '/memories/pruned-and-made-again';

/** As pruning does it: the tombstone goes with its history. */
const PRUNE_HISTORY = `delete from history where namespace = '${NAMESPACE}'`;
const PRUNE_TOMBSTONES = `delete from memories where namespace = '${NAMESPACE}' and deleted`;
/** Every worker has everything before it again; what was seen is known by its id alone. */
const BEGIN_AGAIN = `update progress set position = -1, fingerprint = null, command_position = -1`;

async function madeAgain(tools: ClusterArena | StandaloneArena): Promise<OwnClient> {
  const client = new OwnClient(tools, NAMESPACE);
  await client.until([200, 201], 'PUT', `${PATH}?until=indexed`, { payload: { text: 'the first life' } });
  await client.until([200], 'DELETE', `${PATH}?until=indexed`);
  await tools.sql(PRUNE_TOMBSTONES);
  await tools.sql(PRUNE_HISTORY);
  await client.until([201], 'PUT', `${PATH}?until=indexed`, { payload: { text: SECOND } });
  return client;
}

/** Looked at here, because the model of the workload knows nothing of what was pruned. */
async function livesAgain(
  client: OwnClient,
  tools: ClusterArena | StandaloneArena,
  arena: Arena,
): Promise<void> {
  const [stored] = await tools.sql<{ text: string }>(STORED);
  if (stored?.text !== SECOND)
    arena.violated('equals-model', 'the replay changed a memory that was made again');
  const { status, body } = await client.until([200, 404], 'GET', PATH);
  const memory = body['memory'] as { payload: { text?: string } } | undefined;
  if (memory?.payload.text !== SECOND)
    arena.violated(
      'cache-not-older',
      `a memory that was made again is answered with ${status}, as in its first life`,
    );
}

const SECOND = 'the second life';
const STORED = `select text from memories where namespace = '${NAMESPACE}' and not deleted`;

async function replayed(
  tools: ClusterArena | StandaloneArena,
  arena: Arena,
  replay: () => Promise<void>,
): Promise<void> {
  const client = await madeAgain(tools);
  await replay();
  arena.healed();
  await tools.untilReady();
  await writesGoOn(arena);
  await livesAgain(client, tools, arena);
}

export const REPLAYED: readonly Fault[] = [
  clusterFault({
    name: 'whole-log-replayed',
    title: 'a memory is deleted, its tombstone pruned, made again; then the whole log comes once more',
    arena: 'own',
    withoutExpiry: true,
    run: (cluster, arena) =>
      replayed(cluster, arena, async () => {
        for (const worker of WORKERS) await terminated(cluster.terminate(worker), worker);
        await cluster.sql(BEGIN_AGAIN);
        for (const worker of WORKERS) cluster.restart(worker);
      }),
  }),
  standaloneFault({
    name: 'standalone-whole-log-replayed',
    title: 'a memory is deleted, its tombstone pruned, made again; then the whole log comes once more',
    arena: 'own',
    withoutExpiry: true,
    run: (standalone, arena) =>
      replayed(standalone, arena, async () => {
        const before = standalone.process;
        // No worker may move its progress on between the statement and the end.
        before.signal('SIGSTOP');
        await standalone.sql(END_OTHERS);
        await standalone.sql(BEGIN_AGAIN);
        await standalone.restart('SIGKILL');
      }),
  }),
];

/** Transactions that a halted process has open hold locks. */
const END_OTHERS = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = 'soma standalone' and pid <> pg_backend_pid()`;
