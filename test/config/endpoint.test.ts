import { describe, expect, it } from "vitest";
import { parseEndpoint, parseHostEndpoint } from "../../job/config/endpoint.ts";

describe("parseEndpoint", () => {
  it.each(["http://127.0.0.1:5000", "https://vpce-1.ecr.eu-west-1.vpce.amazonaws.com", "http://[::1]:5000/"])(
    "takes %s",
    (text) => expect(parseEndpoint(text).href).toBe(new URL(text).href),
  );

  it.each([
    ["127.0.0.1:5000", '"127.0.0.1:5000" is no endpoint'],
    ["ftp://a.b", '"ftp://a.b" is no endpoint'],
    ["", '"" is no endpoint'],
    ["http://a.b/v2/", "The endpoint http://a.b is followed by a path"],
    ["http://a.b?x=1", "The endpoint http://a.b is followed by a path"],
    ["http://u:hunter2@a.b", "The endpoint holds credentials"],
    ["u:hunter2@a.b", "The endpoint is no address"],
    ["ftp://u:hunter2@a.b", "The endpoint holds credentials"],
  ])("refuses %j", (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(
      expect.objectContaining({ code: "InvalidConfiguration", message }),
    );
  });
});

describe("parseHostEndpoint", () => {
  it("reads the host before the first =", () => {
    const [host, endpoint] = parseHostEndpoint("localhost:5000=http://127.0.0.1:9");
    expect(host).toBe("localhost:5000");
    expect(endpoint.href).toBe("http://127.0.0.1:9/");
  });

  it.each([
    ["http://127.0.0.1:9", "The endpoint has no = between host and address"],
    ["=http://127.0.0.1:9", '"" is no registry host'],
    ["a.b=nowhere", '"nowhere" is no endpoint'],
  ])("refuses %j", (text, message) => expect(() => parseHostEndpoint(text)).toThrow(message));
});
