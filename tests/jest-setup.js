import { jest } from '@jest/globals';

// Real processes: what takes milliseconds alone may take seconds on a busy machine.
jest.setTimeout(60_000);
