import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventDocuments } from "../../job/events/event-documents.ts";

const event = { id: "1", detail: { "image-tag": "1" } };
const other = { id: "2" };
const envelope = {
  Type: "Notification",
  MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  TopicArn: "arn:aws:sns:eu-west-1:111111111111:pushes",
  Message: JSON.stringify(event),
  Timestamp: "2026-11-16T01:54:35.000Z",
  SignatureVersion: "1",
};

describe("the documents of a text", () => {
  it.each([
    ["one", JSON.stringify(event), [event]],
    ["one over many lines", JSON.stringify(event, undefined, 2), [event]],
    ["with a byte order mark", `\uFEFF${JSON.stringify(event)}`, [event]],
    ["one on each line", `${JSON.stringify(event)}\n\n${JSON.stringify(other)}\r\n`, [event, other]],
    ["a list", JSON.stringify([event, other]), [event, other]],
    ["in SNS's envelope", JSON.stringify(envelope), [event]],
    [
      "in envelopes on lines",
      [envelope, other].map((each) => JSON.stringify(each)).join("\n"),
      [event, other],
    ],
  ])("%s", (_, text, documents) => {
    expect(eventDocuments(text)).toEqual(documents);
  });

  it("takes nothing else for an envelope", () => {
    const similar = { ...envelope, TopicArn: undefined };
    expect(eventDocuments(JSON.stringify(similar))).toEqual([JSON.parse(JSON.stringify(similar))]);
  });

  it.each([
    ["nothing", " \n", "There is no event"],
    ["an empty list", "[]", "There is no event"],
    ["no JSON", "PUSH app:1", "Line 1 of the events is not JSON"],
    ["a line that is none", `${JSON.stringify(event)}\n{"id":`, "Line 2 of the events is not JSON"],
    [
      "an envelope of something else",
      JSON.stringify({ ...envelope, Message: "hello" }),
      "What SNS delivered is not JSON",
    ],
  ])("there is none in %s", (_, text, message) => {
    expect(() => eventDocuments(text)).toThrow(expect.objectContaining({ code: "InvalidInput", message }));
  });

  it("are those that were written, in either form", () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 }), (documents) => {
        const written = documents.map((document) => JSON.stringify(document));
        const read = written.map((text) => JSON.parse(text));
        expect(eventDocuments(written.join("\n"))).toEqual(read);
        expect(eventDocuments(`[${written.join(",")}]`)).toEqual(read);
      }),
    );
  });
});
