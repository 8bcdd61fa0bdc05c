import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy before the API that loses replies: what was sent arrives, what is answered does not, or half of it. */
export interface CuttingProxy {
  url: string;
  /** Replies that were cut so far. */
  cuts: number;
  /** Says of each reply, while its first bytes come, how many of them pass before the cut; undefined: all. */
  cutAfter: (() => number | undefined) | undefined;
  close(): Promise<void>;
}

export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer((caller) => {
    const service = connect(Number(port), hostname);
    for (const socket of [caller, service]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      // A cut is an error to the other end only.
      socket.on('error', () => undefined);
    }
    caller.pipe(service);
    service.on('data', (bytes) => {
      const passing = proxy.cutAfter?.();
      if (passing === undefined) {
        caller.write(bytes);
        return;
      }
      proxy.cuts += 1;
      service.destroy();
      caller.write(bytes.subarray(0, passing), () => caller.destroy());
    });
    service.once('close', () => caller.end());
    caller.once('close', () => service.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: 0,
    cutAfter: undefined,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
