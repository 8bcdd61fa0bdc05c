import type { JWTVerifyGetKey } from 'jose';

/** Public keys that JWTs are verified with, kept up to date while the process runs. */
export interface VerificationKeys {
  /** The key of a token's header. @throws jose's errors; SomaError auth_unavailable when keys cannot be known */
  resolve: JWTVerifyGetKey;
  start(): void;
  stop(): Promise<void>;
}
