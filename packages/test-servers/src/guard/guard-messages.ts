/** What a guard and the process that started it say to each other: a line of JSON for each message. */
import type { Socket } from "node:net";

/** To the guard: run this program, of which there is one at a time. Its output is added to the file `log`. */
export interface RunMessage {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  readonly log: string;
}

/** From the guard: the program runs, could not be run, or has ended. */
export type GuardMessage =
  | { readonly type: "running"; readonly pid: number }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "ended"; readonly how: string };

/** The name of the socket in the folder at which the guard finds the process that started it. */
export const SOCKET_NAME = "guard";

export function send<Message extends RunMessage | GuardMessage>(socket: Socket, message: Message): void {
  socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls `take` for each message; the two sides are of one version, so they believe each other. */
export function receive<Message extends RunMessage | GuardMessage>(
  socket: Socket,
  take: (message: Message) => void,
): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(JSON.parse(line));
  });
}
