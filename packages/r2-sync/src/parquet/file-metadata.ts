/** What a file says of itself beside its schema. */

/** The key of the table's name. */
export const TABLE_KEY = "telepool.table";

/** The key of the version of the files' form. */
export const VERSION_KEY = "telepool.version";

/** The version that is written, and the only one that is read. */
export const FILE_VERSION = "1";
