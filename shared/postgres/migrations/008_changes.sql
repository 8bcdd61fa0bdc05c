-- Up Migration

-- The change feed: what changed in a namespace behind a position, in the order of the log; and where a time begins.
create index history_by_change on history (namespace, partition, revision) include (at);
