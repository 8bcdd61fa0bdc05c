import { describeAuditLog, describeTokens } from '@soma/access/contract';
import { FakeAuditLog } from './fake-audit-log.js';
import { FakeTokens } from './fake-tokens.js';

const close = () => Promise.resolve();
describeTokens('in memory', () => Promise.resolve({ tokens: new FakeTokens(), close }));
describeAuditLog('in memory', () => Promise.resolve({ audit: new FakeAuditLog(), close }));
