// The five fields of a cron expression, in their order, as people call them.
export const CRON_FIELDS = ['minute', 'hour', 'day of the month', 'month', 'day of the week'] as const;
