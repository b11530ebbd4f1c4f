import { describe, expect, it } from "vitest";
import { openMetrics } from "../../job/report/prometheus.ts";

describe("metrics for Prometheus", () => {
  it("are written in its text format", () => {
    const metrics = openMetrics();
    const counter = metrics.counter("requests_total", "Requests\nof all \\ kinds");
    counter.add({ path: "/a" });
    counter.add({ path: "/a" }, 2);
    counter.add({ path: 'a"b\\c\nd' });
    let waiting = 7;
    metrics.gauge("waiting", "Who waits", () => waiting, { queue: "one" });
    const histogram = metrics.histogram("seconds", "Time", [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 3]) histogram.observe(value, { path: "/a" });
    waiting = 3;
    expect(metrics.text()).toBe(`# HELP requests_total Requests\\nof all \\\\ kinds
# TYPE requests_total counter
requests_total{path="/a"} 3
requests_total{path="a\\"b\\\\c\\nd"} 1
# HELP waiting Who waits
# TYPE waiting gauge
waiting{queue="one"} 3
# HELP seconds Time
# TYPE seconds histogram
seconds_bucket{path="/a",le="0.1"} 2
seconds_bucket{path="/a",le="1"} 3
seconds_bucket{path="/a",le="+Inf"} 4
seconds_sum{path="/a"} 3.65
seconds_count{path="/a"} 4
`);
  });

  it("name what has not been counted yet, without a value", () => {
    const metrics = openMetrics();
    metrics.counter("requests_total", "Requests");
    expect(metrics.text()).toBe("# HELP requests_total Requests\n# TYPE requests_total counter\n");
  });
});
