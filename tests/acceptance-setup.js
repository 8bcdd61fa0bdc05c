// Loaded by jest outside its own resolver, so it uses the built package: run `npm run build` after changing src/system.
import { startAcceptanceSystem } from '@soma/tests/acceptance-system';

export default async function globalSetup() {
  globalThis.somaAcceptanceSystem = await startAcceptanceSystem();
}
