export default async function globalTeardown() {
  await globalThis.somaTestServers?.stop();
}
