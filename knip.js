import { readdirSync } from 'node:fs';

/** knip resolves `default` exports, which are the built files; this leads it to the sources, as the condition `source` does. */
const paths = Object.fromEntries(
  ['shared', 'services'].flatMap((group) =>
    readdirSync(new URL(group, import.meta.url)).flatMap((name) => [
      [`@soma/${name}`, [`./${group}/${name}/src/index.ts`]],
      [`@soma/${name}/*`, [`./${group}/${name}/src/*/index.ts`]],
    ]),
  ),
);

const project = ['src/**/*.ts'];

export default {
  // These packages are private: an export that nothing in the workspace uses is dead.
  includeEntryExports: true,
  ignoreExportsUsedInFile: { interface: true, type: true },
  // A program of the system, looked for by the tests that need it.
  ignoreBinaries: ['redis-server'],
  workspaces: {
    '.': { paths, project: ['*.js'] },
    'shared/*': { project },
    'shared/postgres': { entry: ['src/migrate-main.ts'], project },
    'shared/testing': { entry: ['global-*.js'], project: [...project, '*.js'] },
    'services/*': { entry: ['src/main.ts'], project },
    'clients/*': { includeEntryExports: false, project },
    bench: { entry: ['src/*.ts'], project },
    tests: { entry: ['*.{js,ts}', 'src/**/*.test.ts'], project: [...project, '*.{js,ts}'] },
  },
};
