// Who can hear agents: coordinators beat, and one that has stopped is dead.
import { sql } from 'kysely';

/** A coordinator that has not beaten for this long is dead, and the streams it held are gone. */
export const BEAT_LOST_AFTER_S = 15;

export const beatLost = sql`now() - make_interval(secs => ${sql.lit(BEAT_LOST_AFTER_S)})`;
/** From when on agents could be heard without a gap; while nobody beats, that is this moment. */
export const listeningSince = sql`(select case when beat_on > ${beatLost} then since else clock_timestamp() end from listening)`;
