import { jest } from '@jest/globals';

// A limit against hanging, not a measure: on a busy machine milliseconds become seconds.
jest.setTimeout(180_000);
