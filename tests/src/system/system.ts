import type { ServiceProcess } from './service-process.js';

/** A running installation, as tests and benchmarks see it. */
export interface System {
  /** Base URL of the API. */
  url: string;
  /** The token that may do everything. */
  token: string;
  /** Base URL of each process's ops port, by service. */
  opsUrls: Readonly<Record<string, string>>;
  services: readonly ServiceProcess[];
  stop(): Promise<void>;
}
