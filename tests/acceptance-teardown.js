export default async function globalTeardown() {
  await globalThis.somaAcceptanceSystem?.stop();
}
