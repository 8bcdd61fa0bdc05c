/**
 * Who may import whom. docs/decisions tells why a package is there.
 *
 * - Services import shared packages, never each other; standalone, which mounts them, may.
 * - A shared package imports only what SHARED lists for it.
 * - Adapters (`@soma/<port>/<technology>`) are named by composition roots alone: main.ts, standalone, and
 *   shared/composition, which holds what the main.ts files have in common and is imported by nothing else but
 *   their settings in config.ts.
 * - Inside a port's package, the port does not know its adapters, and adapters do not know each other.
 */

/** Each shared package with those below it. */
const SHARED = {
  memory: [],
  access: ['postgres'],
  analysis: [],
  events: ['memory'],
  postgres: ['memory'],
  embedder: ['memory', 'service'],
  cache: ['memory'],
  'event-log': ['memory', 'events', 'postgres', 'service'],
  ledger: ['memory', 'events', 'postgres'],
  'memory-store': ['memory', 'ledger', 'postgres'],
  'graph-store': ['memory', 'ledger', 'memory-store', 'postgres'],
  'vector-index': ['memory', 'analysis', 'postgres'],
  'index-generations': ['memory', 'embedder', 'service', 'vector-index'],
  jobs: ['memory', 'postgres', 'service'],
  reads: ['memory', 'ledger', 'service'],
  service: ['memory'],
  projections: ['memory', 'events', 'ledger', 'memory-store', 'jobs', 'service'],
  'webhook-store': ['memory', 'postgres', 'reads'],
  worker: ['memory', 'events', 'event-log', 'ledger', 'cache', 'service'],
};

/** Packages of which adapters are made, each adapter in a folder of its own. */
const PORTS = [
  'access',
  'event-log',
  'memory-store',
  'graph-store',
  'vector-index',
  'cache',
  'embedder',
  'ledger',
  'jobs',
  'reads',
  'webhook-store',
];

/** Folders that are adapters; what several adapters of a port share may stand in others beside them. */
const ADAPTERS = [
  'kafka',
  'postgres',
  'redis',
  'qdrant',
  'embedded',
  'hash',
  'openai',
  'bundled',
  'transformers',
  'http',
];
/** Stands in for a technology that is out, so its adapter may use it. */
const IN_PROCESS = 'in-process';

const SERVICES = ['gateway', 'query', 'writer', 'indexer', 'graph', 'cache-invalidator', 'webhooks'];

/** Tests, contract suites, and what only tests start (src/test/). */
const TESTS = ['**/*.test.ts', '**/src/contract/**', '**/src/test/**'];

const anyOf = (names) => `(?:${names.join('|')})`;

/** Imports of any package of the project but these. */
const packagesBut = (allowed, message) => ({
  regex: allowed.length === 0 ? '^@soma/' : `^@soma/(?!${anyOf(allowed)}(?:/|$))`,
  message,
});

const insides = {
  regex: String.raw`^\.\./.*/(?:src|dist)/`,
  message: 'Import a package by its name, not by a path into it.',
};
const adapters = {
  regex: '^@soma/[^/]+/',
  message:
    'Only composition roots (main.ts, standalone, shared/composition) name adapters: take the port as an argument.',
};
const adaptersBut = (allowed) =>
  allowed.length === 0 ? adapters : { ...adapters, regex: `^@soma/(?!${anyOf(allowed)}$)[^/]+/` };
const ownAdapters = {
  regex: String.raw`^\./${anyOf([...ADAPTERS, IN_PROCESS])}/`,
  message: 'A port does not know its adapters.',
};
const drivers = {
  regex: '^(?:pg|kafkajs|ioredis|@soma/postgres|@qdrant/.+)$',
  message: 'A port does not know technologies: this belongs in an adapter.',
};
const otherAdapters = {
  regex: String.raw`^(?:\.\./)+${anyOf(ADAPTERS)}/`,
  message: 'Adapters do not know each other: share through the port.',
};

const wall = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns: [insides, ...patterns] }] },
});

/** Tests may use adapters and @soma/testing on top of what the code beside them may; contract suites are tests too. */
const walled = (folder, allowed, message, patterns = [adapters]) => [
  wall([`${folder}/src/**/*.ts`], [packagesBut(allowed, message), ...patterns], TESTS),
];

/**
 * One Postgres holds them all: a store moves progress in the transaction of its effect, and the graph's statements
 * join the memories. So these adapters build on one another's.
 */
const JOINS = {
  'memory-store': ['ledger/postgres'],
  'graph-store': ['ledger/postgres', 'memory-store/postgres'],
};

const shared = Object.entries(SHARED).flatMap(([name, below]) => {
  const message = `shared/${name} may import ${below.length === 0 ? 'no other package' : below.join(', ')}.`;
  return walled(`shared/${name}`, below, message);
});

const ports = PORTS.flatMap((name) => {
  const below = packagesBut(SHARED[name], `shared/${name} may import ${SHARED[name].join(', ')}.`);
  return [
    wall([`shared/${name}/src/*.ts`], [below, adapters, ownAdapters, drivers], TESTS),
    wall([`shared/${name}/src/*/**/*.ts`], [below, adaptersBut(JOINS[name] ?? []), otherAdapters], TESTS),
  ];
});

const everyShared = Object.keys(SHARED);
const SERVICE_MESSAGE = 'A service imports shared packages, never another service.';
const services = SERVICES.flatMap((name) => [
  ...walled(`services/${name}`, everyShared, SERVICE_MESSAGE),
  wall(
    [`services/${name}/src/config.ts`],
    [packagesBut([...everyShared, 'composition'], SERVICE_MESSAGE), adapters],
  ),
  wall([`services/${name}/src/main.ts`], [packagesBut([...everyShared, 'composition'], SERVICE_MESSAGE)]),
  wall(
    [`services/${name}/src/**/*.test.ts`, `services/${name}/src/test/**/*.ts`],
    [packagesBut([...everyShared, 'composition', 'testing'], SERVICE_MESSAGE)],
  ),
]);

/** The SDK runs in browsers and depends on nothing; what LangGraph and others want of it stands in folders beside it. */
const SDK_FOLDERS = {
  ai: ['ai'],
  langchain: ['@langchain/core'],
  langgraph: ['@langchain/langgraph-checkpoint'],
};
const outsideBut = (allowed) => ({
  regex: String.raw`^(?!\.)` + (allowed.length === 0 ? '' : `(?!${anyOf(allowed)}(?:/|$))`),
  message: `Here the SDK may import ${allowed.length === 0 ? 'nothing but its own files' : allowed.join(', ')}.`,
});
const sdk = [
  wall(['clients/typescript/src/*.ts'], [outsideBut([])], TESTS),
  ...Object.entries(SDK_FOLDERS).map(([folder, allowed]) =>
    wall([`clients/typescript/src/${folder}/**/*.ts`], [outsideBut(allowed)], TESTS),
  ),
];

const rest = [
  wall(
    ['services/standalone/src/**/*.ts'],
    [
      packagesBut(
        [...everyShared, ...SERVICES, 'composition'],
        'standalone mounts services and shared packages.',
      ),
    ],
    TESTS,
  ),
  wall(
    ['shared/composition/src/**/*.ts'],
    [packagesBut([...everyShared, 'testing'], 'A shared package knows no service.')],
  ),
  // Tests of shared packages may go up to @soma/testing, not to services.
  wall(
    [
      'shared/*/src/**/*.test.ts',
      'shared/*/src/contract/**/*.ts',
      'shared/*/src/test/**/*.ts',
      'shared/testing/src/**/*.ts',
    ],
    [packagesBut([...everyShared, 'testing'], 'A shared package knows no service.')],
  ),
  // What runs outside knows the public interfaces only.
  wall(['clients/*/src/**/*.ts'], [packagesBut(['testing'], 'Clients know the HTTP interface alone.')]),
  wall(
    ['clients/cli/src/commands/schema/check-records.ts'],
    [packagesBut(['events', 'memory'], 'soma reads records with the code that workers read them with.')],
  ),
  ...sdk,
];

export default [...shared, ...ports, ...services, ...rest];
