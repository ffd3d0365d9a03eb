/** The tables as Kysely sees them: the original brief's columns, in the database's own naming. */

/** One measured profile. */
export interface ProfilesTable {
  id: string;
  session: string;
  /** JSON text. */
  profile: string;
  /** Milliseconds since 1970. */
  timestamp: number;
  member: string;
  document: string;
}

/** One row for each session that has profiles. */
export interface SessionsTable {
  id: string;
  /** The member whose profile came first. */
  member: string;
  /** The smallest timestamp of a profile that was ever stored in the session. */
  created_at: number;
  /** The largest timestamp of a profile that was ever stored in the session. */
  last_activity: number;
  /** How many profiles of the session are stored now. */
  profile_count: number;
}

/** One event. */
export interface AnalyticsTable {
  id: string;
  event_type: string;
  /** JSON text. */
  data: string;
  timestamp: number;
  session: string | null;
}

/** The tables that telepool keeps. */
export interface TelemetryTables {
  profiles: ProfilesTable;
  sessions: SessionsTable;
  analytics: AnalyticsTable;
}
