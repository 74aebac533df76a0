-- Agents that were attached when nobody could hear any more may dial again once somebody can; those that left long before do not.
alter table listening add column heard_until timestamptz;
comment on column listening.heard_until is 'The last beat before the gap that ended at since; null while there was none.';
