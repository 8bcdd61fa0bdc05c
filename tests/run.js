// All tests of the project, in stages; the build comes first (npm test does both).
// node tests/run.js [stage …]   stages: unit, integration, acceptance-standalone, acceptance-cluster, faults-standalone, faults-cluster,
//   fault-suite-standalone, fault-suite-cluster
import { runTests } from './dist/runner/index.js';

process.exitCode = await runTests(process.argv.slice(2));
