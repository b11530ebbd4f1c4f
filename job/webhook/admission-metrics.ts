import type { Metrics } from "../report/prometheus.ts";
import type { AnsweredRequest } from "./admission-endpoint.ts";
import type { Background } from "./background.ts";
import type { OnDemand, OnDemandObserver } from "./on-demand.ts";

/** Whoever is told of what happens, to count it. */
export interface AdmissionMetrics {
  readonly demand: OnDemandObserver;
  readonly answered: (answered: AnsweredRequest) => void;
  /** Lets what is under way be read, once there is something to read it of. */
  watch(onDemand: Pick<OnDemand, "state">, background: Pick<Background, "size">): void;
}

const answerBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];
const promotionBounds = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800];

/** Counts admission requests and promotions on demand. */
export function admissionMetrics(metrics: Metrics): AdmissionMetrics {
  const name = (rest: string) => `image_promoter_${rest}`;
  const requests = metrics.counter(
    name("admission_requests_total"),
    "Admission requests, by what was decided",
  );
  const durations = metrics.histogram(
    name("admission_duration_seconds"),
    "Time until a request was answered",
    answerBounds,
  );
  const images = metrics.counter(name("admission_images_total"), "Images of requests, by what came of them");
  const promotions = metrics.counter(name("promotions_total"), "Promotions on demand, by what was done");
  const promotionTimes = metrics.histogram(
    name("promotion_duration_seconds"),
    "Time that a promotion took",
    promotionBounds,
  );
  const copied = metrics.counter(name("copied_bytes_total"), "Bytes that were sent to destinations");
  const mounted = metrics.counter(
    name("mounted_bytes_total"),
    "Bytes that destinations took from themselves",
  );
  const lookups = metrics.counter(
    name("cache_lookups_total"),
    "Images that were looked up, by whether known",
  );
  return {
    demand: {
      asked: (known) => lookups.add({ result: known ? "hit" : "miss" }),
      promoted({ status, bytesCopied, bytesMounted }, durationMs) {
        promotions.add({ status });
        promotionTimes.observe(durationMs / 1000, { status });
        copied.add({}, bytesCopied);
        mounted.add({}, bytesMounted);
      },
    },
    answered({ path, decision, durationMs }) {
      const word = decision === undefined ? "invalid" : decision.allowed ? "allowed" : "denied";
      requests.add({ path, decision: word });
      durations.observe(durationMs / 1000, { path });
      for (const outcome of decision?.outcomes ?? []) images.add({ path, outcome });
    },
    watch(onDemand, background) {
      const gauge = (rest: string, help: string, read: () => number) => metrics.gauge(name(rest), help, read);
      gauge(
        "images_under_way",
        "Images that are looked for, promoted, or wait for it",
        () => onDemand.state.underWay,
      );
      gauge("images_promoting", "Images that are being promoted", () => onDemand.state.promoting);
      gauge("background_images", "Images that nobody waits for", () => background.size);
      gauge("cached_images", "Images that are known to be there", () => onDemand.state.known);
    },
  };
}
