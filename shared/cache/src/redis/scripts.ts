/**
 * The cache's Lua scripts. An entry is `<run id, 40><revision, 16 digits><JSON of the state>`, a lease is
 * `<run id><token>`. The run id names one life of one server: what a restart brings back from disk, or a failover
 * from a replica, may lack the latest puts, so entries and leases of another life count as absent.
 * KEYS come in pairs, entry then lease, that share a hash tag.
 */
const RUN_ID = `
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or string.rep('0', 40)
`;

const IS_NEWER = `
local function isNewer(key, revision)
  local there = redis.call('GETRANGE', key, 0, 55)
  if string.sub(there, 1, 40) ~= run then return true end
  return tonumber(revision) > tonumber(string.sub(there, 41, 56))
end
`;

/** ARGV: token, lease milliseconds. Per pair: the JSON, or 1 with a lease, or 0 without. */
export const READ = `
${RUN_ID}
local replies = {}
for i = 1, #KEYS, 2 do
  local value = redis.call('GET', KEYS[i])
  if value and string.sub(value, 1, 40) == run then
    replies[#replies + 1] = string.sub(value, 57)
  else
    -- A server out of memory refuses the lease; that must not cost the other keys their hits.
    local lease = redis.pcall('SET', KEYS[i + 1], run .. ARGV[1], 'PX', ARGV[2], 'NX')
    replies[#replies + 1] = (type(lease) == 'table' and lease.ok) and 1 or 0
  end
end
return replies
`;

/** One pair. ARGV: token, revision, JSON, entry milliseconds. 1 while the lease stood, else 0. A full server stores nothing. */
export const FILL = `
${RUN_ID}
${IS_NEWER}
if redis.call('GET', KEYS[2]) ~= run .. ARGV[1] then return 0 end
if isNewer(KEYS[1], ARGV[2]) then
  redis.pcall('SET', KEYS[1], run .. ARGV[2] .. ARGV[3], 'PX', ARGV[4])
end
redis.call('DEL', KEYS[2])
return 1
`;

/** ARGV: entry milliseconds, then revision and JSON of each pair. */
export const PUT = `
${RUN_ID}
${IS_NEWER}
for i = 1, #KEYS, 2 do
  if isNewer(KEYS[i], ARGV[i + 1]) then
    local stored = redis.pcall('SET', KEYS[i], run .. ARGV[i + 1] .. ARGV[i + 2], 'PX', ARGV[1])
    -- A full server must still lose the old state.
    if stored.err then redis.call('DEL', KEYS[i]) end
  end
  redis.call('DEL', KEYS[i + 1])
end
return 0
`;

/** KEYS are entries alone. Per entry: its revision's digits, or nothing. */
export const REVISIONS = `
${RUN_ID}
local revisions = {}
for i = 1, #KEYS do
  local there = redis.call('GETRANGE', KEYS[i], 0, 55)
  revisions[i] = string.sub(there, 1, 40) == run and string.sub(there, 41, 56) or ''
end
return revisions
`;

/** KEYS are entries alone. ARGV: the revision of each, as it must still be. */
export const REMOVE = `
for i = 1, #KEYS do
  if redis.call('GETRANGE', KEYS[i], 40, 55) == ARGV[i] then redis.call('DEL', KEYS[i]) end
end
return 0
`;

const REVISION_DIGITS = 16;

export function revisionField(revision: number): string {
  return String(revision).padStart(REVISION_DIGITS, '0');
}
