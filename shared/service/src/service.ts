/** What one folder of services/ makes; its own process starts one, standalone several. */
export interface Service {
  /** As in logs and metrics: "writer". */
  readonly name: string;
  /** Dependencies of `readiness` that may be out while the main job is still done. */
  readonly optional?: readonly string[];
  /** Resolves when the service is at work. A rejection stops the process. */
  start(): Promise<void>;
  /** Finishes what is begun and lets go of everything. MUST be safe after a `start` that failed, or never came. */
  stop(): Promise<void>;
  /** False only when a restart would help: never because a dependency is out. */
  liveness(): boolean | Promise<boolean>;
  /** Dependency → does it answer. */
  readiness(): Promise<Record<string, boolean>>;
}
