export type RequestMetrics = ReturnType<typeof createRequestMetrics>;

const BUCKETS_SECONDS = [0.005, 0.025, 0.1, 0.25, 1, 5];

/** Counts requests by route and status, and how long they took. */
export function createRequestMetrics() {
  const counts = new Map<string, number>();
  const buckets = BUCKETS_SECONDS.map(() => 0);
  let [seconds, total] = [0, 0];

  return {
    count(method: string, route: string, status: number, ms: number): void {
      const labels = `method="${/^[A-Z]{1,7}$/.test(method) ? method : "-"}",route="${route}",status="${status}"`;
      counts.set(labels, (counts.get(labels) ?? 0) + 1);
      total++;
      seconds += ms / 1_000;
      for (const [i, bucket] of BUCKETS_SECONDS.entries()) if (ms / 1_000 <= bucket) buckets[i] = (buckets[i] ?? 0) + 1;
    },

    /** In Prometheus's text format. */
    text(): string {
      const lines = ["# HELP http_requests_total Requests that were answered.", "# TYPE http_requests_total counter"];
      for (const [labels, count] of counts) lines.push(`http_requests_total{${labels}} ${count}`);
      const name = "http_request_duration_seconds";
      lines.push(`# HELP ${name} How long answers took.`, `# TYPE ${name} histogram`);
      for (const [i, bucket] of BUCKETS_SECONDS.entries()) lines.push(`${name}_bucket{le="${bucket}"} ${buckets[i]}`);
      lines.push(`${name}_bucket{le="+Inf"} ${total}`, `${name}_sum ${seconds}`, `${name}_count ${total}`);
      return `${lines.join("\n")}\n`;
    },
  };
}
