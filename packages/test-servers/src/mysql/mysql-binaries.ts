/** Where the programs of MariaDB or of Oracle's MySQL are; MariaDB's are taken first. */
import { findExecutable, programFolders } from "../executables.ts";

const USUAL_FOLDERS = [
  "/usr/sbin", // Debian's, which is not on the PATH of an ordinary user
  "/usr/bin",
  "/usr/libexec", // Red Hat's
  "/usr/local/mysql/bin", // Oracle's for macOS
  "/opt/homebrew/opt/{mariadb,mysql}*/bin",
  "/usr/local/opt/{mariadb,mysql}*/bin",
  "/home/linuxbrew/.linuxbrew/opt/{mariadb,mysql}*/bin",
];

/** The server, and the program that writes its first data; Oracle's server does that itself. */
export type MysqlPrograms =
  | { readonly flavour: "MariaDB"; readonly server: string; readonly installer: string }
  | { readonly flavour: "MySQL"; readonly server: string };

export function mysqlPrograms(folders: readonly string[] = programFolders(USUAL_FOLDERS)): MysqlPrograms | undefined {
  const mariadbd = findExecutable("mariadbd", folders);
  const installer = findExecutable("mariadb-install-db", folders);
  if (mariadbd !== undefined && installer !== undefined) return { flavour: "MariaDB", server: mariadbd, installer };
  const mysqld = findExecutable("mysqld", folders);
  return mysqld === undefined ? undefined : { flavour: "MySQL", server: mysqld };
}
