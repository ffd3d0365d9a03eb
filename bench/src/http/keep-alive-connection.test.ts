import { expect, test } from "bun:test";
import { answerHead, inTurn, postRequest } from "./keep-alive-connection.ts";

const HEAD = "HTTP/1.1 201 Created\r\nServer-Timing: total;dur=1.00\r\nContent-Length: 2\r\n\r\n";

test("an answer is its head and as much of a body as the head says", () => {
  expect(answerHead(`${HEAD}{}`)).toEqual({ status: 201, bytes: HEAD.length + 2 });
});

test("the length of an answer is known before its body is there", () => {
  expect(answerHead(HEAD)).toEqual({ status: 201, bytes: HEAD.length + 2 });
});

test("a head that has not arrived as a whole is waited for", () => {
  expect(answerHead("")).toBeUndefined();
  expect(answerHead(HEAD.slice(0, -1))).toBeUndefined();
});

test("a length in the body is not the answer's", () => {
  const text = "HTTP/1.1 400 Bad Request\r\n\r\n\r\ncontent-length: 7\r\n";
  expect(() => answerHead(text)).toThrow("not understood");
});

test("what is not HTTP is not understood", () => {
  expect(() => answerHead("SSH-2.0\r\n\r\n")).toThrow("not understood: SSH-2.0");
});

test("a request names the bytes of its body, not its characters", () => {
  const request = postRequest(new URL("http://127.0.0.1:8081/api/profiles"), "{}ü");
  expect(new TextDecoder().decode(request)).toBe(
    "POST /api/profiles HTTP/1.1\r\nhost: 127.0.0.1:8081\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\n{}ü",
  );
});

test("requests come in turn, over and over", () => {
  const [one, two] = [new Uint8Array([1]), new Uint8Array([2])];
  const next = inTurn([one, two]);
  expect([next(), next(), next()]).toEqual([one, two, one]);
});
