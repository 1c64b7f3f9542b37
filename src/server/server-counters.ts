/** Upper bounds of the histogram's buckets, in seconds. */
const bucketSeconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30] as const;

interface Histogram {
  readonly counts: number[];
  seconds: number;
  requests: number;
}

/** What the server counts of itself, for Prometheus. Names come from models only, so that they are few. */
export class ServerCounters {
  readonly #requests = new Map<string, number>();
  readonly #latencies = new Map<string, Histogram>();
  readonly #throttled = new Map<string, number>();
  readonly #signatureFailures = new Map<string, number>();
  #refusedConnections = 0;
  #refusedHosts = 0;
  #malformed = 0;
  #internalErrors = 0;

  request(service: string, action: string, status: number, seconds: number): void {
    increment(this.#requests, requestLabels(service, action, status));
    const histogram = this.#latencies.get(service) ?? {
      counts: bucketSeconds.map(() => 0),
      seconds: 0,
      requests: 0,
    };
    this.#latencies.set(service, histogram);
    const bucket = bucketSeconds.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) histogram.counts[bucket] += 1;
    histogram.seconds += seconds;
    histogram.requests += 1;
  }

  /** `reason`: which share was used up. */
  throttled(reason: 'requests' | 'bytes' | 'access-key'): void {
    increment(this.#throttled, labels({ reason }));
  }

  signatureFailure(code: string): void {
    increment(this.#signatureFailures, labels({ code }));
  }

  refusedConnection(): void {
    this.#refusedConnections += 1;
  }

  refusedHost(): void {
    this.#refusedHosts += 1;
  }

  /** What was no HTTP. */
  malformed(): void {
    this.#malformed += 1;
  }

  internalError(): void {
    this.#internalErrors += 1;
  }

  /** In Prometheus' text format. */
  text(now: { readonly connections: number; readonly requests: number; readonly heldBytes: number }): string {
    return [
      family('headgate_api_requests_total', 'counter', 'Requests answered', this.#requests),
      this.#latencyText(),
      family(
        'headgate_api_throttled_total',
        'counter',
        'Requests refused for using too much',
        this.#throttled,
      ),
      family(
        'headgate_api_signature_failures_total',
        'counter',
        'Requests whose signature was not accepted',
        this.#signatureFailures,
      ),
      single('headgate_api_connections', 'gauge', 'Open connections', now.connections),
      single('headgate_api_requests_running', 'gauge', 'Requests under way', now.requests),
      single('headgate_api_held_bytes', 'gauge', 'Bodies and answers in memory', now.heldBytes),
      single(
        'headgate_api_refused_connections_total',
        'counter',
        'Connections ended for want of room',
        this.#refusedConnections,
      ),
      single(
        'headgate_api_refused_hosts_total',
        'counter',
        'Requests with a Host header of others',
        this.#refusedHosts,
      ),
      single('headgate_api_malformed_total', 'counter', 'What was no HTTP', this.#malformed),
      single(
        'headgate_api_internal_errors_total',
        'counter',
        'Requests that failed here',
        this.#internalErrors,
      ),
    ].join('');
  }

  #latencyText(): string {
    const name = 'headgate_api_request_seconds';
    const lines = [...this.#latencies].flatMap(([service, { counts, seconds, requests }]) => {
      let sum = 0;
      const buckets = counts.map((count, at) => {
        sum += count;
        return `${name}_bucket${labels({ service, le: String(bucketSeconds[at]) })} ${sum}`;
      });
      return [
        ...buckets,
        `${name}_bucket${labels({ service, le: '+Inf' })} ${requests}`,
        `${name}_sum${labels({ service })} ${seconds}`,
        `${name}_count${labels({ service })} ${requests}`,
      ];
    });
    return `${head(name, 'histogram', 'From the last byte of a request to the last of its answer')}${lines
      .map((line) => `${line}\n`)
      .join('')}`;
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Those of requests that were counted before: as few as actions and statuses. */
const knownLabels = new Map<string, string>();

function requestLabels(service: string, action: string, status: number): string {
  const name = `${service} ${action} ${status}`;
  const known = knownLabels.get(name);
  if (known !== undefined) return known;
  const text = labels({ service, action, status: String(status) });
  knownLabels.set(name, text);
  return text;
}

function labels(values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(([name, value]) => `${name}="${value.replace(/["\\\n]/g, '_')}"`);
  return `{${pairs.join(',')}}`;
}

function head(name: string, type: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function single(name: string, type: string, help: string, value: number): string {
  return `${head(name, type, help)}${name} ${value}\n`;
}

function family(name: string, type: string, help: string, counts: ReadonlyMap<string, number>): string {
  return `${head(name, type, help)}${[...counts].map(([key, count]) => `${name}${key} ${count}\n`).join('')}`;
}
