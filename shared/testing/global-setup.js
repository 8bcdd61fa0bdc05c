// Loaded by jest outside its own resolver, so it uses the built package: run `npm run build` after changing servers/.
import { startTestServers } from '@soma/testing';

export default async function globalSetup() {
  globalThis.somaTestServers = await startTestServers();
}
