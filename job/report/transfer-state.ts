import type { PromotionEvent } from "../promotion/progress.ts";

/** How far one image is. */
export interface ImageTransfer {
  readonly destination: string;
  /** Bytes that were sent, those to be sent again taken off. */
  readonly sent: number;
  /** Bytes to send at the most, those that need no sending taken off. */
  readonly total: number;
}

/** How far a whole promotion is. */
export interface TransferState {
  /** Images being sent at this moment, in the order in which their first byte went. */
  readonly running: readonly ImageTransfer[];
  readonly images: { readonly finished: number; readonly total: number };
  readonly sent: number;
  readonly total: number;
  /** Whether every image's fate is decided, so that `total` is all there is to send. */
  readonly allPlanned: boolean;
}

/** Adds up the events of a promotion of `images` images. */
export class TransferCount {
  readonly #images: number;
  readonly #transfers = new Map<string, ImageTransfer>();
  readonly #running = new Set<string>();
  readonly #planned = new Set<string>();
  readonly #finished = new Set<string>();

  constructor(images: number) {
    this.#images = images;
  }

  add(event: PromotionEvent): void {
    switch (event.type) {
      case "planned":
        this.#planned.add(event.image.destination);
        this.#change(event.image.destination, 0, event.bytes);
        break;
      case "bytes":
        if (!this.#finished.has(event.destination)) this.#running.add(event.destination);
        this.#change(event.destination, event.bytes, 0);
        break;
      case "saved":
        this.#change(event.destination, 0, -event.bytes);
        break;
      case "finished":
        this.#finish(event.image.destination);
        break;
      default:
        event satisfies never;
    }
  }

  state(): TransferState {
    const transfers = [...this.#transfers.values()];
    const known = new Set([...this.#planned, ...this.#finished]).size;
    return {
      running: [...this.#running].flatMap((destination) => this.#transfers.get(destination) ?? []),
      images: { finished: this.#finished.size, total: Math.max(this.#images, known) },
      sent: sumOf(transfers, "sent"),
      total: sumOf(transfers, "total"),
      allPlanned: known >= this.#images,
    };
  }

  #change(destination: string, sent: number, total: number): void {
    const before = this.#transfers.get(destination) ?? { destination, sent: 0, total: 0 };
    const after = { destination, sent: Math.max(0, before.sent + sent), total: before.total + total };
    // What is sent is never more than the total: a plan that underestimated is put right by what happens.
    this.#transfers.set(destination, { ...after, total: Math.max(after.total, after.sent) });
  }

  #finish(destination: string): void {
    this.#finished.add(destination);
    this.#running.delete(destination);
    const { sent } = this.#transfers.get(destination) ?? { sent: 0 };
    // What was planned and not sent was not needed, or failed: either way nothing of it is left to do.
    this.#transfers.set(destination, { destination, sent, total: sent });
  }
}

function sumOf(transfers: readonly ImageTransfer[], field: "sent" | "total"): number {
  return transfers.reduce((sum, transfer) => sum + transfer[field], 0);
}
