-- Up Migration

-- What ranking looks at in a point; null in those written before, of which it asks the memories instead.
alter table index_points add column facts json;
