import { PromoterError } from "../error.ts";

/**
 * The documents of a text: one of JSON, a list of them, or one on each line. What SNS has put into an envelope is taken
 * out of it.
 *
 * @throws {PromoterError} `InvalidInput` when there is no document, or a line is not JSON.
 */
export function eventDocuments(text: string): readonly unknown[] {
  const documents = [wholeOrLines(text)].flat().map(withoutEnvelope);
  if (documents.length > 0) return documents;
  throw new PromoterError("InvalidInput", "There is no event", {
    hint: "Hand an event of EventBridge to it, as JSON",
  });
}

function wholeOrLines(text: string): unknown {
  try {
    return JSON.parse(withoutMark(text));
  } catch {
    return linesOf(withoutMark(text));
  }
}

function linesOf(text: string): readonly unknown[] {
  return text.split("\n").flatMap((line, position) => {
    if (line.trim() === "") return [];
    try {
      const document: unknown = JSON.parse(line);
      return [document];
    } catch (cause) {
      throw new PromoterError("InvalidInput", `Line ${position + 1} of the events is not JSON`, {
        cause,
        hint: "Write an event as one JSON document, or several with each on a line of its own",
      });
    }
  });
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

/** {@link https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html} */
function withoutEnvelope(document: unknown): unknown {
  if (typeof document !== "object" || document === null) return document;
  const {
    Type: type,
    Message: message,
    TopicArn: topic,
  } = { Type: "", Message: "", TopicArn: "", ...document };
  if (type !== "Notification" || typeof message !== "string" || topic === "") return document;
  try {
    return JSON.parse(message);
  } catch (cause) {
    throw new PromoterError("InvalidInput", "What SNS delivered is not JSON", {
      cause,
      hint: "Let only EventBridge publish to the topic that the queue is subscribed to",
    });
  }
}
