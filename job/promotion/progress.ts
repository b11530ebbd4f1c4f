import type { ImageReport } from "./report.ts";

/** What happens during a promotion, for whoever shows it. Images are named by their destination reference. */
export type PromotionEvent =
  /** An image's fate is decided; `bytes` is what may have to be sent for it at the most. */
  | { readonly type: "planned"; readonly image: ImageReport; readonly bytes: number }
  /** Bytes went to the destination, or, when negative, must be sent again. */
  | { readonly type: "bytes"; readonly destination: string; readonly bytes: number }
  /** Bytes that turned out to need no sending: they were there already, or were mounted. */
  | { readonly type: "saved"; readonly destination: string; readonly bytes: number }
  | { readonly type: "finished"; readonly image: ImageReport };

export type PromotionListener = (event: PromotionEvent) => void;
