import type { Admin } from 'kafkajs';
import type { RestartablePostgres, ServiceName, ServiceProcess } from '../../system/index.js';
import type { OwnEmbedder } from '../tools/embedder.js';
import type { PointOrder } from '../tools/fault-orders.js';
import type { HttpProxy } from '../tools/http-proxy.js';
import type { SmallDisk } from '../tools/small-disk.js';
import type { TcpProxy } from '../tools/tcp-proxy.js';

/** What faults of both profiles do it with. */
export interface CommonTools {
  embedder: OwnEmbedder;
  /** Rows of one statement, asked of Postgres straight. */
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Does the API have such a route? */
  hasRoute(method: string, path: string): Promise<boolean>;
}

/** What faults of the cluster do it with. Proxies stand between the processes and their stores, not before tests. */
export interface ClusterTools extends CommonTools {
  proxies: {
    postgres: TcpProxy;
    redis: TcpProxy;
    registry: TcpProxy;
    embedder: TcpProxy;
    /** One for each broker, in their order. */
    kafka: readonly TcpProxy[];
    /** With `needs: ['qdrant']`. */
    index?: HttpProxy;
  };
  /** Work with Kafka's admin client, straight. */
  kafkaAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T>;
  /** An answer of Redis, straight. */
  redisCommand(name: string, ...args: string[]): Promise<unknown>;
  /** With `needs: ['small-disk']`: what holds the folder of Postgres, and that of the second broker. */
  smallDisks?: { postgres: SmallDisk; kafka: SmallDisk };
  /**
   * The present process of the service harms itself at a point inside a batch, or the next one does when this one ends
   * in another way before; resolves with the one that was hit. `onArmed` runs once a process is ready to be hit.
   */
  harm(service: ServiceName, order: PointOrder, onArmed?: () => void): Promise<ServiceProcess>;
  /** `Date` in the present process of the service, so much ahead; 0 puts it right. */
  shiftClock(service: ServiceName, shiftMs: number): Promise<void>;
  /** Until `restart` nobody starts the service again when its process ends. */
  leaveEnded(service: ServiceName): void;
  /** SIGTERM; the service stays ended until `restart`. Returns its exit code, null after a signal. */
  terminate(service: ServiceName): Promise<number | null>;
  /** Waits until the present process of the service is ready, whatever ends and is started again meanwhile. */
  untilReady(service?: ServiceName): Promise<void>;
}

export interface StandaloneTools extends CommonTools {
  /** In place of the embedded server's own controls: its processes are its own, its folder is this. */
  postgres: Pick<RestartablePostgres, 'folder' | 'kill'>;
  proxies: { embedder: TcpProxy };
  harm(order: PointOrder): Promise<ServiceProcess>;
  shiftClock(shiftMs: number): Promise<void>;
  untilReady(): Promise<void>;
}
